"""The types of fields that several sections share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Function = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


def as_tuple(value: Any) -> Any:
    """A single value means a list of one."""
    return (value,) if isinstance(value, str | int | float) else value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a number")  # noqa: TRY004 - pydantic collects ValueErrors only
    return value


Number = Annotated[float, BeforeValidator(_number)]
Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


class Section(BaseModel):
    """Base of all sections: frozen; keys it does not know are reported elsewhere, as warnings."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())
