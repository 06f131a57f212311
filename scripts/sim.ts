// Runs the simulator: the real control plane and the real agents on a simulated clock, network and disk, with faults drawn from a seed.
//
//   npm run sim -- --seed 7              one seed, told step by step; --verbose also tells every message
//   npm run sim -- --seeds 1000          many, from --from (1 when left out), summed up
//   --beyond KIND,…                      also faults under which a law is known not to hold yet; --beyond list names them
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
  },
});
process.exitCode = await runProgram(values, (line) => process.stdout.write(`${line}\n`));
