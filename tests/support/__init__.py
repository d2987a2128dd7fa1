"""What tests share: servers, databases, a rutan with running services, and a way to wait."""

from support.rutan import Rutan, a_person, staff
from support.servers import Servers
from support.waiting import eventually

__all__ = ["Rutan", "Servers", "a_person", "eventually", "staff"]
