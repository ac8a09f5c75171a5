"""The same work as SideBySide.java on CPython's asyncio, printed the same way."""

import asyncio
import concurrent.futures
import multiprocessing
import statistics
import sys
import time

ROUNDS = 5


LARGE = bytes(64 << 20)


def one():
    return 1


def same(value):
    return value


async def one_coroutine():
    return 1


async def switches(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def spawns(count):
    for _ in range(count):
        await asyncio.create_task(one_coroutine())


async def gather_tasks(count):
    await asyncio.gather(*[asyncio.create_task(one_coroutine()) for _ in range(count)])


async def acquires_and_releases(count):
    lock = asyncio.Lock()
    for _ in range(count):
        await lock.acquire()
        lock.release()


async def from_thread_to_task(count):
    """As janus and others bridge the two."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    def produce():
        for i in range(count):
            loop.call_soon_threadsafe(queue.put_nowait, i)

    producer = asyncio.create_task(asyncio.to_thread(produce))
    for _ in range(count):
        await queue.get()
    await producer


async def thread_round_trips(count):
    for _ in range(count):
        await asyncio.to_thread(one)


async def threads_at_once(count):
    await asyncio.gather(*[asyncio.to_thread(one) for _ in range(count)])


def process_round_trips(pool):
    async def run(count):
        loop = asyncio.get_running_loop()
        for _ in range(count):
            await loop.run_in_executor(pool, one)

    return run


def processes_at_once(pool):
    async def run(count):
        loop = asyncio.get_running_loop()
        await asyncio.gather(*[loop.run_in_executor(pool, one) for _ in range(count)])

    return run


def large_there_and_back(pool):
    async def run(count):
        loop = asyncio.get_running_loop()
        for _ in range(count):
            await loop.run_in_executor(pool, same, LARGE)

    return run


def first_results(context):
    async def run(count):
        loop = asyncio.get_running_loop()
        for _ in range(count):
            pool = concurrent.futures.ProcessPoolExecutor(2, mp_context=context)
            await loop.run_in_executor(pool, one)
            pool.shutdown()

    return run


def measure(runner, name, count, work):
    micros = []
    for number in range(-1, ROUNDS):
        start = time.perf_counter()
        runner.run(work(count))
        if number >= 0:
            micros.append((time.perf_counter() - start) * 1e6 / count)
    print(f"{name}\t{statistics.median(micros):.3f}", flush=True)


def main():
    round_trips_only = sys.argv[1:] == ["round-trips"]
    context = multiprocessing.get_context("spawn")
    with asyncio.Runner() as runner, concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        if not round_trips_only:
            measure(runner, "one switch", 200_000, switches)
            measure(runner, "spawn + await", 50_000, spawns)
            measure(runner, "Lock acquire + release", 100_000, acquires_and_releases)
            measure(runner, "queue, thread to task", 100_000, from_thread_to_task)
            measure(runner, "gather of 100 k tasks, each", 100_000, gather_tasks)
        measure(runner, "toThread round trip", 2_000, thread_round_trips)
        if not round_trips_only:
            measure(runner, "toThread 20 k at once, each", 20_000, threads_at_once)
        measure(runner, "process round trip", 1_000, process_round_trips(pool))
        if not round_trips_only:
            measure(runner, "process 10 k at once, each", 10_000, processes_at_once(pool))
            measure(runner, "64 MiB there and back", 1, large_there_and_back(pool))
            measure(runner, "new pool to its first result", 1, first_results(context))


if __name__ == "__main__":
    main()
