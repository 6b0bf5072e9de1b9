"""What the application needs from a help desk and from a help centre, in no vendor's words.

`integrations/` implements these; the application knows nothing else about a vendor. All times are
timezone-aware UTC; all remote ids are opaque strings.
"""

from __future__ import annotations

from kcs.ports.accounts import (
    Allowance,
    AppVisit,
    Authorisation,
    CallBudget,
    Credentials,
    NoBudget,
    Tokens,
)
from kcs.ports.apps import AppPackage, DeskApp, InstalledApp, SigningApp
from kcs.ports.help_centre import (
    STAYS,
    Document,
    HelpCentre,
    ListingPage,
    Place,
    Places,
    RemoteArticle,
    RemoteListing,
    RemoteText,
)
from kcs.ports.provider import (
    Provider,
    SetUp,
    SignsIn,
)
from kcs.ports.tickets import (
    AuthorKind,
    DeskAgent,
    DeskGroup,
    DeskMessage,
    DeskStatus,
    DeskUser,
    DeskWriter,
    Measures,
    Note,
    StaffDirectory,
    StatusChange,
    TicketGlimpse,
    TicketPage,
    TicketSnapshot,
    TicketSource,
)
from kcs.ports.webhooks import (
    ByHand,
    HeardChange,
    MissedDelivery,
    VerifiedDelivery,
    Webhook,
    WebhookAdmin,
)
from workflow.article import Audience

__all__ = [
    "STAYS",
    "Allowance",
    "AppPackage",
    "AppVisit",
    "Audience",
    "AuthorKind",
    "Authorisation",
    "ByHand",
    "CallBudget",
    "Credentials",
    "DeskAgent",
    "DeskApp",
    "DeskGroup",
    "DeskMessage",
    "DeskStatus",
    "DeskUser",
    "DeskWriter",
    "Document",
    "HeardChange",
    "HelpCentre",
    "InstalledApp",
    "ListingPage",
    "Measures",
    "MissedDelivery",
    "NoBudget",
    "Note",
    "Place",
    "Places",
    "Provider",
    "RemoteArticle",
    "RemoteListing",
    "RemoteText",
    "SetUp",
    "SigningApp",
    "SignsIn",
    "StaffDirectory",
    "StatusChange",
    "TicketGlimpse",
    "TicketPage",
    "TicketSnapshot",
    "TicketSource",
    "Tokens",
    "VerifiedDelivery",
    "Webhook",
    "WebhookAdmin",
]
