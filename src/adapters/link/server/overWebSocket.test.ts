import { opampContract } from './opampContract.ts';

opampContract('websocket');
