/** Something that goes on in the next turn of the event loop. */
export interface Work {
  work(): void;
}

let turn = 0;
let ending = false;
let next: Work[] = [];

function end(): void {
  turn++;
  ending = false;
  const works = next;
  next = [];
  for (const each of works) each.work();
}

/** The number of the present turn of the event loop: what one socket may do in a turn is counted by it. */
export function presentTurn(): number {
  if (!ending) {
    ending = true;
    setImmediate(end);
  }
  return turn;
}

/** Goes on with `work` in the next turn, behind whatever other sockets have to say until then. */
export function inNextTurn(work: Work): void {
  presentTurn();
  next.push(work);
}
