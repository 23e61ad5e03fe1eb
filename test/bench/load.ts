/** The load: a process of its own. Reads one order from its standard input and prints the outcome as JSON. */
import { text } from 'node:stream/consumers';
import { loads, type Order } from './loads.ts';

const order = JSON.parse(await text(process.stdin)) as Order;
const value = await loads[order.load](order);
console.log(JSON.stringify({ value }));
process.exit(0);
