"""The base of every model: it is built when it is first used, not when it is imported.

Building the hundred models of netmap takes a good part of a start that uses a dozen of them.
"""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A model of netmap."""

    model_config = ConfigDict(defer_build=True)
