import asyncio, sys, threading, io
from uuid import uuid4
from support import Rutan, a_person
import chassis.service as s

def test_hang(rutan: Rutan) -> None:
    orig = asyncio.gather
    def dump_later():
        loop = asyncio.get_running_loop()
        def dump():
            for t in asyncio.all_tasks(loop):
                print("TASK", t.get_name(), "cancelling", t.cancelling(), file=sys.__stderr__)
                t.print_stack(file=sys.__stderr__)
            import os; os._exit(3)
        loop.call_later(5, dump)
    real = s.Running.lifespan
    def gather(*a, **k):
        dump_later() if k.get("return_exceptions") else None
        return orig(*a, **k)
    s.asyncio.gather = gather
    for _ in range(15):
        with rutan.running("intake") as intake:
            intake.put(f"/people/{uuid4()}", json=a_person())
