// Runs the simulator: the real control plane and the real agents on a simulated clock, network and disk, with faults drawn from a seed.
//
//   npm run sim -- --seed 7              one seed, told step by step; --verbose also tells every message
//   npm run sim -- --seeds 1000          many, from --from (1 when left out), summed up
//   --beyond KIND,…                      also faults under which a law is known not to hold yet; --beyond list names them
//   --mutants                            shows that every checker can fail: a deliberate bug for each law, and the seeds it takes
//   --mutate law-7 --seed 3              one seed with one of those bugs, told in full
//   --targets 100000                     one rollout over that many, with model agents, and how fast that was
//
// Ends with 1 when a law was breached. docs/guides/simulator.md explains what it prints.
import { parseArgs } from 'node:util';
import { runProgram } from '../sim/program.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    beyond: { type: 'string' },
    mutate: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    targets: { type: 'string' },
  },
});
process.exitCode = await runProgram(values, (line) => process.stdout.write(`${line}\n`));
