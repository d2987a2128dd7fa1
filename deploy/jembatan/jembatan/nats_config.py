"""The generated half of the NATS configuration: who may log in to a server, and what each may say."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.event import SLUG

HUB_ACCOUNT = "CENTRE"
INBOX = "_INBOX.>"
# The JetStream API prefix a partner's client must be given: `nc.jetstream(prefix=PARTNER_API)`.
PARTNER_API = "jembatan.API"


@dataclass(frozen=True)
class SiteKeys:
    """The public nkeys of the four users a site's own server knows."""

    services: str
    provisioner: str
    relay: str
    provisioner_link: str


@dataclass(frozen=True)
class HubKeys:
    """The public nkeys of the hub's own two users."""

    central: str
    provisioner: str


@dataclass(frozen=True)
class SiteLeaf:
    """A site as the hub knows it: its code and the public nkey its leaf connection signs in with."""

    site: str
    nkey: str

    def __post_init__(self) -> None:
        check_word(self.site)


@dataclass(frozen=True)
class Partner:
    """A partner as the hub knows it: its slug and its public nkey."""

    slug: str
    nkey: str

    def __post_init__(self) -> None:
        check_word(self.slug)

    @property
    def account(self) -> str:
        """The partner's own account, so that nothing is shared with it by accident."""
        return f"PARTNER_{self.slug}"


def inbox_prefix(slug: str) -> str:
    """Return the prefix a partner's client must give its inboxes; it can subscribe to nothing else."""
    return f"_INBOX_{slug}"


def site_identity(site: str, keys: SiteKeys) -> str:
    """Return a site's `identity.conf`: the accounts SITE and LINK and their users."""
    check_word(site)
    return "\n".join(
        [
            *_account("SITE", [_services(site, keys.services), _everything("provisioner", keys.provisioner)]),
            *_account("LINK", [_relay(site, keys.relay), _everything("provisioner-link", keys.provisioner_link)]),
            "",
        ]
    )


def hub_identity(keys: HubKeys, sites: Sequence[SiteLeaf], partners: Sequence[Partner]) -> str:
    """Return the hub's `identity.conf`: CENTRE with a leaf user per site, and an account per partner."""
    # One file, because an export and its import must change together and only one file can be replaced atomically.
    users = [_central(keys.central), _everything("provisioner", keys.provisioner), *map(_leaf, sites)]
    exports = [line for partner in partners for line in _exports(partner)]
    accounts = [line for partner in partners for line in _partner_account(partner)]
    return "\n".join([*_account(HUB_ACCOUNT, users, exports), *accounts, ""])


def leaf_key(seed: str) -> str:
    """Return a site's `leaf.conf`, the secret its leaf connection signs in with; the file is for the server only."""
    return f"nkey: {seed}\n"


def _services(site: str, nkey: str) -> str:
    reads = [*_consume(f"SITE_{site}"), *_look(f"SITE_{site}"), *_look(f"RECEIPTS_{site}")]
    return _user("services", nkey, publish=[f"site.{site}.>", f"receipt.{site}.>", *reads], subscribe=[INBOX])


def _relay(site: str, nkey: str) -> str:
    reads = [*_look(f"NATIONAL_{site}"), *_look(f"DOWN_{site}")]
    return _user("relay", nkey, publish=[f"national.{site}.>", *reads], subscribe=[INBOX])


def _central(nkey: str) -> str:
    reads = [*_consume("NATIONAL"), *_look("NATIONAL"), *_look("PARTNER")]
    return _user("central", nkey, publish=["down.>", "partner.>", *reads], subscribe=["national.*.heartbeat", INBOX])


def _leaf(leaf: SiteLeaf) -> str:
    site, national = leaf.site, f"NATIONAL_{leaf.site}"
    return _user(
        f"leaf of {site}",
        leaf.nkey,
        # What the site may send to the hub.
        publish=[
            f"national.{site}.heartbeat",
            f"sync.{site}.>",  # its NATIONAL stream, on the way to the hub's
            f"$JSC.R.{site}.*.{national}.>",  # its answer when the hub asks for that stream
        ],
        # What the hub may send to the site.
        subscribe=[
            f"$JS.{site}.API.CONSUMER.CREATE.{national}.*.national.{site}.>",
            f"$JS.{site}.API.CONSUMER.DELETE.{national}.*",
            f"$JS.FC.{national}.>",  # without flow control a sync stops for good after 2 MB
            f"down.{site}.>",  # receipts; the site's DOWN stream keeps the latest
        ],
        # The key opens the leaf port only; stolen, it is no login on the client port.
        connection="LEAFNODE",
    )


def _partner_account(partner: Partner) -> list[str]:
    subjects = _partner_services(partner)
    imports = [
        f'{{ service: {{ account: {HUB_ACCOUNT}, subject: "{subject}" }}, to: "{_as_partner(subject)}" }}'
        for subject in subjects
    ]
    user = _user(
        f"partner {partner.slug}",
        partner.nkey,
        publish=[_as_partner(subject) for subject in subjects],
        subscribe=[f"{inbox_prefix(partner.slug)}.>"],
    )
    return [
        f"{partner.account} {{",
        "  imports: [",
        *(f"    {line}" for line in imports),
        "  ]",
        "  users: [",
        user,
        "  ]",
        "}",
    ]


def _exports(partner: Partner) -> list[str]:
    pull, info, ack = _partner_services(partner)
    return [
        f'{{ service: "{pull}", response_type: stream, accounts: [{partner.account}] }}',
        f'{{ service: "{info}", accounts: [{partner.account}] }}',
        f'{{ service: "{ack}", accounts: [{partner.account}] }}',
    ]


def _partner_services(partner: Partner) -> tuple[str, str, str]:
    return (
        f"$JS.API.CONSUMER.MSG.NEXT.PARTNER.{partner.slug}",
        f"$JS.API.CONSUMER.INFO.PARTNER.{partner.slug}",
        f"$JS.ACK.PARTNER.{partner.slug}.>",
    )


def _as_partner(subject: str) -> str:
    # Under $JS.API the partner's own account answers too ("JetStream not enabled"), and its answer comes first.
    return subject.replace("$JS.API", PARTNER_API)


def _consume(stream: str) -> list[str]:
    return [f"$JS.API.CONSUMER.INFO.{stream}.*", f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*", f"$JS.ACK.{stream}.>"]


def _look(stream: str) -> list[str]:
    return [f"$JS.API.STREAM.INFO.{stream}", f"$JS.API.STREAM.MSG.GET.{stream}"]


def _everything(name: str, nkey: str) -> str:
    return _user(name, nkey, publish=[">"], subscribe=[">"])


def _user(
    name: str, nkey: str, *, publish: Sequence[str], subscribe: Sequence[str], connection: str = "STANDARD"
) -> str:
    return "\n".join(
        [
            f"    # {name}",
            "    {",
            f"      nkey: {nkey}",
            f"      allowed_connection_types: [{connection}]",
            "      permissions: {",
            f"        publish: {{ allow: [{_quoted(publish)}] }}",
            f"        subscribe: {{ allow: [{_quoted(subscribe)}] }}",
            "      }",
            "    }",
        ]
    )


def _account(name: str, users: Iterable[str], exports: Sequence[str] = ()) -> list[str]:
    lines = [f"{name} {{", "  jetstream: enabled"]
    if exports:
        lines += ["  exports: [", *(f"    {line}" for line in exports), "  ]"]
    return [*lines, "  users: [", *users, "  ]", "}"]


def _quoted(subjects: Iterable[str]) -> str:
    return ", ".join(f'"{subject}"' for subject in subjects)


def check_word(name: str) -> None:
    """Refuses what cannot be a site's or a partner's code."""
    # Names become parts of subjects: with a dot, a space or a wildcard in it, a permission would allow something else.
    if not re.fullmatch(SLUG, name) or len(name) > 40:
        raise ValueError(f"{name!r} is not a code: lower-case letters, digits and single hyphens, 40 at most")
