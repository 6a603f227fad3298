"""What goes in and out, for the reader of requests and for the document. Names as in the Belgif guide."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Ssin = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{11}$",
        description="National register number or bis number, eleven digits",
        examples=["85073003328"],
    ),
]
EnterpriseNumber = Annotated[
    str, Field(pattern=r"^[0-9]{10}$", description="Enterprise number, ten digits", examples=["0999999922"])
]


class RoleLookup(BaseModel):
    """Which person, and for which organisation."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ssin: Ssin
    enterpriseNumber: EnterpriseNumber


class Role(BaseModel):
    """A role that the person holds now, in the format rolemgmt/1."""

    role: str = Field(description="Code of the role", examples=["FIN_MANDATE_EXECUTOR"])
    enterpriseNumber: EnterpriseNumber
    validFrom: str = Field(description="First day", json_schema_extra={"format": "date"}, examples=["2026-06-15"])
    validUntil: str | None = Field(
        description="Last day, included; null: without end", json_schema_extra={"format": "date"}
    )
    properties: dict[str, Any] = Field(
        description="Answers to the questions of the role, by their codes", examples=[{"SENSITIVE_MANDATES": False}]
    )
    reference: str = Field(description="Reference of the assignment", examples=["AR-2026-004821-1"])


class Roles(BaseModel):
    """What the person may do now. Nobody, nowhere and nothing look alike."""

    roles_format: Literal["rolemgmt/1"]
    roles: list[Role]


class ChangesQuery(BaseModel):
    """From where on, and how much."""

    after: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]*$", max_length=200, description="The cursor of the page before; none: begin now"
    )
    limit: int = Field(100, ge=1, le=500, description="How many changes are looked at for one page")


class Change(BaseModel):
    """How an assignment stands. The newest entry about a reference counts; one may come more than once."""

    reference: str = Field(description="Reference of the assignment", examples=["AR-2026-004821-1"])
    role: str = Field(description="Code of the role", examples=["FIN_MANDATE_EXECUTOR"])
    enterpriseNumber: EnterpriseNumber
    sub: str | None = Field(None, description="The person, as ID tokens for this service name them")
    ssin: Ssin | None = Field(None, description="In place of `sub`, for a client that may read numbers")
    kind: Literal["granted", "changed", "ended"] = Field(
        description="granted: it works; changed: it works, with an earlier last day; ended: it works no more"
    )
    effectiveOn: str = Field(
        description="The day from which it works (granted), or from which it works no more (changed, ended)",
        json_schema_extra={"format": "date"},
        examples=["2026-06-15"],
    )
    at: str = Field(
        description="When the change came",
        json_schema_extra={"format": "date-time"},
        examples=["2026-06-15T10:12:31+02:00"],
    )


class Changes(BaseModel):
    """One page of the feed."""

    changes: list[Change]
    next: str = Field(description="The cursor for the next page, also where this one is empty")
    hasMore: bool = Field(description="Whether the next page has something now")


class ProblemIssue(BaseModel):
    """One thing in the input that is wrong. What was sent is never repeated."""

    type: str = Field(examples=["urn:problem-type:belgif:input-validation:schemaViolation"])
    detail: str
    in_: Literal["body", "query"] = Field(alias="in")
    name: str | None = Field(None, description="Of the field; absent for the whole")


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str = Field(description="A name that never changes", examples=["urn:problem-type:belgif:badRequest"])
    title: str
    status: int
    detail: str
    href: str | None = Field(None, description="Where the Belgif guide describes the type")
    issues: list[ProblemIssue] | None = None
