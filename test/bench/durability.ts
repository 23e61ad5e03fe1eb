import { makeHome, startInstance } from '../support/instance.ts';
import { killRounds } from '../support/kill-rounds.ts';
import { addSignedInPeople } from '../support/signed-in-people.ts';

/** How many of so many rounds of kill -9, with 50 clients sending at full speed, lost nothing. Mistakes go to standard error. */
export async function countGoodRounds(rounds: number): Promise<number> {
  const home = await makeHome({ address: 'http://127.0.0.1', host: '127.0.0.1', log: { level: 'warn' } });
  const people = await addSignedInPeople(home, 50);
  const instance = await startInstance(home);
  let good = 0;
  try {
    await killRounds({
      nodes: [instance],
      people,
      rounds,
      onRound(round, mistakes) {
        if (mistakes.length === 0) good += 1;
        for (const mistake of mistakes) console.error(`round ${round}: ${mistake}`);
      },
    });
  } finally {
    await instance.remove();
  }
  return good;
}
