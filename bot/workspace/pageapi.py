"""placeholder"""

from starlette.routing import BaseRoute


class PageApi:
    def __init__(self, *a): ...
    def routes(self) -> list[BaseRoute]:
        return []

    def stop(self): ...
