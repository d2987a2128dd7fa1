"""What intake does when it hears of something: nothing yet, it is where the road begins."""

from chassis.events import Handlers

handlers = Handlers()
