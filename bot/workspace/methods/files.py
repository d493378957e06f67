"""files.*: the upload in three steps, and what becomes of a file."""

from __future__ import annotations

import mimetypes

from bot.workspace import seeds
from bot.workspace.ids import token_of
from bot.workspace.methods.chat import bot_body, writable
from bot.workspace.methods.method import Context, Method, require
from bot.workspace.nouns import Json, Message, SlackError, StoredFile

MAX_BYTES = 1_000_000_000


def new_file(context: Context, name: str, length: int, user: str) -> StoredFile:
    """A file that is announced and not yet there."""
    world = context.world
    file_id = f"F{token_of(10)}"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    address = f"{world.url}/files/{file_id}"
    body: Json = {
        "id": file_id,
        "created": int(world.clock.now()),
        "timestamp": int(world.clock.now()),
        "name": name,
        "title": name,
        "mimetype": kind,
        "filetype": name.rsplit(".", 1)[-1].lower() if "." in name else "text",
        "user": user,
        "size": length,
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "url_private": address,
        "url_private_download": f"{address}?download=1",
        "permalink": address,
        "channels": [],
        "groups": [],
        "ims": [],
    }
    made = StoredFile(body, length=length)
    world.files[file_id] = made
    return made


def share(context: Context, files: list[StoredFile], channel_id: str, body: Json) -> Message:
    """Put completed files into a channel as one message."""
    channel = context.world.channels[channel_id]
    key = "ims" if channel.is_im else "groups" if channel.is_private else "channels"
    for file in files:
        file.complete = True
        file.channels.append(channel_id)
        file.body[key].append(channel_id)
    body["files"] = [file.body for file in files]
    body["upload"] = True
    return context.world.add_message(Message(channel_id, body))


def get_upload_url(context: Context, args: Json) -> Json:
    """Announce a file and get the address to post its bytes to."""
    require(args, "filename", "length")
    try:
        length = int(args["length"])
    except (TypeError, ValueError):
        raise SlackError("invalid_arguments", ["length must be a number"]) from None
    if length <= 0:
        raise SlackError("invalid_arguments", ["length must be greater than 0"])
    if length > MAX_BYTES:
        raise SlackError("file_upload_size_restricted")
    made = new_file(context, str(args["filename"]), length, seeds.BOT_USER)
    if args.get("alt_txt"):
        made.body["alt_txt"] = str(args["alt_txt"])
    file_id = made.body["id"]
    return {"upload_url": f"{context.world.url}/upload/v1/{file_id}", "file_id": file_id}


def complete_upload(context: Context, args: Json) -> Json:
    """Finish uploads and share them in channels, if any are named."""
    require(args, "files")
    world, named = context.world, args["files"]
    if not isinstance(named, list) or not named:
        raise SlackError("invalid_arguments", ["files must be a list of id and title"])
    files: list[StoredFile] = []
    for item in named:
        file = world.files.get(str(item.get("id"))) if isinstance(item, dict) else None
        if file is None or file.complete:
            raise SlackError("file_not_found")
        if not file.received:
            raise SlackError("file_upload_incomplete")
        if item.get("title"):
            file.body["title"] = str(item["title"])
        files.append(file)
    places = [one for one in str(args.get("channels") or "").split(",") if one]
    if args.get("channel_id"):
        places.append(str(args["channel_id"]))
    if len(places) > 100:
        raise SlackError("invalid_arguments", ["no more than 100 channels"])
    channels = [writable(context, place) for place in places]
    for channel in channels:
        if seeds.BOT_USER not in channel.members:
            raise SlackError("not_in_channel")
        thread_ts = args.get("thread_ts")
        if thread_ts and world.message(channel.id, str(thread_ts)) is None:
            raise SlackError("thread_not_found")
    for channel in channels:
        body = bot_body(context, {"text": args.get("initial_comment")}, world.next_ts())
        if args.get("thread_ts"):
            body["thread_ts"] = str(args["thread_ts"])
        share(context, files, channel.id, body)
    for file in files:
        file.complete = True
    return {"files": [file.body for file in files]}


def files_info(context: Context, args: Json) -> Json:
    """Describe one file."""
    require(args, "file")
    file = context.world.files.get(str(args["file"]))
    if file is None:
        raise SlackError("file_not_found")
    return {"file": file.body}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, 4, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, 4, ("files:write",)),
    "files.info": Method(files_info, 4, ("files:read",)),
}
