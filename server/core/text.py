"""Texts that people read, in the languages of the house."""

from pydantic import ConfigDict, Field

from server.core.frozen import Frozen


class Text(Frozen):
    """One text in Chinese, and in English where somebody wrote it; JSON keys are BCP 47 tags."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    zh: str = Field(alias="zh-CN")
    en: str = ""

    def inside(self, language: str) -> str:
        """The text in `language` ("zh-CN" or "en"), Chinese where there is no English."""
        return self.en if language == "en" and self.en else self.zh
