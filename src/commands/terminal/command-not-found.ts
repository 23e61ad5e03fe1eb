import type { Hook } from '@oclif/core';
import { nearest } from '../../config/settings.ts';
import { chosenLanguage, wordsOf } from '../../provision/words/words.ts';
import { programName } from './base-command.ts';
import { exitCodes } from './exit-codes.ts';
import { style } from './printer.ts';

/** Says which command may have been meant. */
const commandNotFound: Hook<'command_not_found'> = async ({ id, config }) => {
  const { printing } = wordsOf(chosenLanguage(process.argv));
  const typed = id.replaceAll(':', ' ');
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id.replaceAll(':', ' '));
  const meant = nearest(typed, known);
  const program = programName(config.bin);
  const lines = [
    `${style('red', '✖')} ${style('bold', printing.help.noCommand(typed))}`,
    '',
    style('dim', printing.mend),
    `  ${meant === null ? `${program} --help` : `${program} ${meant}`}`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(exitCodes.usage);
};

export default commandNotFound;
