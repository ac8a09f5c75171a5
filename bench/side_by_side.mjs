// The process part of SideBySide.java on Node's workerpool, printed the same way.

import { createRequire } from 'node:module';

const workerpool = createRequire(process.argv[2] + '/')('workerpool');
const ROUNDS = 5;

const newPool = () =>
  workerpool.pool({ workerType: 'process', maxWorkers: 2, forkOpts: { serialization: 'advanced' } });
const one = () => 1;
const same = (bytes) => bytes;

async function measure(name, count, work) {
  const micros = [];
  for (let round = -1; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    await work(count);
    if (round >= 0) micros.push(Number(process.hrtime.bigint() - start) / 1000 / count);
  }
  micros.sort((a, b) => a - b);
  console.log(`${name}\t${micros[ROUNDS >> 1].toFixed(3)}`);
}

const pool = newPool();
await measure('process round trip', 1000, async (count) => {
  for (let i = 0; i < count; i++) await pool.exec(one);
});
if (process.argv[3] !== 'round-trips') {
  await measure('process 10 k at once, each', 10000, (count) =>
    Promise.all(Array.from({ length: count }, () => pool.exec(one))),
  );
  const large = new Uint8Array(64 << 20);
  await measure('64 MiB there and back', 1, () => pool.exec(same, [large]));
  await measure('new pool to its first result', 1, async () => {
    const fresh = newPool();
    await fresh.exec(one);
    await fresh.terminate();
  });
}
await pool.terminate();
