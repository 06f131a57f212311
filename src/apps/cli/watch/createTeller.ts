import type { Output } from '../output.ts';
import { isNews, plainEvent, type StageName } from '../present/eventLine.ts';
import { moment } from '../present/words.ts';
import { segment } from '../terminal/styledLine.ts';
import { LiveTeller } from './liveTeller.ts';
import { ending, type Teller } from './teller.ts';

/** A pane drawn in place for a person at a terminal, JSON lines for a program, a line for each event otherwise. */
export function createTeller(output: Output, stage: StageName): Teller {
  if (output.json) return jsonTeller(output);
  return output.interactive ? new LiveTeller(output, stage) : plainTeller(output, stage);
}

function jsonTeller(output: Output): Teller {
  return {
    event: (event) => output.jsonLine({ kind: 'event', event }),
    rollout: (view) => output.jsonLine({ kind: 'rollout', view }),
    connection: (connected, says) => output.jsonLine({ kind: 'connection', connected, says }),
    heard: () => {},
    end: ({ rollout }, outcome, says) => output.jsonLine({ kind: 'end', rollout: rollout.id, outcome, says }),
    [Symbol.dispose]: () => {},
  };
}

function plainTeller(output: Output, stage: StageName): Teller {
  const now = () => segment(`${moment(new Date().toISOString())}  `);
  return {
    event: (event) => {
      if (isNews(event)) output.lines([plainEvent(event, stage)]);
    },
    rollout: () => {},
    connection: (_, says) => output.lines([[now(), segment(says)]]),
    heard: () => {},
    end: (_, outcome, says) => output.lines([[now(), ending(outcome, says)]]),
    [Symbol.dispose]: () => {},
  };
}
