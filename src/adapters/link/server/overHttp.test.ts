import { opampContract } from './opampContract.ts';

opampContract('http');
