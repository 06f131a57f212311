import { parentPort } from 'node:worker_threads';
import { type Piece, perform } from './run.ts';

/** One core's share of a measurement: takes a piece, answers with what it comes to. */
parentPort?.on('message', (piece: Piece) => parentPort?.postMessage(perform(piece)));
