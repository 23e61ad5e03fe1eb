import { type Command, Help, type Interfaces } from '@oclif/core';
import { type CommandWords, chosenLanguage, type Words, wordsOf } from '../../provision/words/words.ts';

/** Help in the language of the terminal: the same layout, the words from the catalogue. */
export default class LocalHelp extends Help {
  readonly #words: Words = wordsOf(chosenLanguage(process.argv));

  override formatRoot(): string {
    return this.#translated(super.formatRoot());
  }

  protected override formatCommands(commands: Command.Loadable[]): string {
    return this.#translated(super.formatCommands(commands.map((command) => this.#inWords(command))));
  }

  protected override formatTopic(topic: Interfaces.Topic): string {
    return this.#translated(super.formatTopic(this.#topicInWords(topic)));
  }

  protected override formatTopics(topics: Interfaces.Topic[]): string {
    return this.#translated(super.formatTopics(topics.map((topic) => this.#topicInWords(topic))));
  }

  protected override formatCommand(command: Command.Loadable): string {
    return this.#translated(super.formatCommand(this.#inWords(command)));
  }

  #topicInWords(topic: Interfaces.Topic): Interfaces.Topic {
    const named: Readonly<Record<string, string | undefined>> = this.#words.printing.help.topics;
    return { ...topic, description: named[topic.name] ?? topic.description ?? '' };
  }

  /** A command with the catalogue's words in the place of its own. */
  #inWords(command: Command.Loadable): Command.Loadable {
    const catalogue: Readonly<Record<string, CommandWords | undefined>> = this.#words.commands;
    const words = catalogue[command.id.replaceAll(':', ' ')];
    if (words === undefined) return command;
    const global: Readonly<Record<string, string>> = this.#words.globalFlags;
    const described = <Item extends { description?: string | undefined }>(
      items: Record<string, Item>,
      named: Readonly<Record<string, string | undefined>>,
    ) =>
      Object.fromEntries(
        Object.entries(items).map(([key, item]) => [
          key,
          { ...item, ...(named[key] ? { description: named[key] } : {}) },
        ]),
      );
    return {
      ...command,
      summary: words.summary,
      description: words.description,
      flags: described(command.flags, { ...global, ...words.flags }),
      args: described(command.args, words.args ?? {}),
    };
  }

  #translated(text: string): string {
    const headings: Readonly<Record<string, string | undefined>> = this.#words.printing.help.headings;
    return text
      .split('\n')
      .map((line) => line.replace(/[A-Z][A-Z ]+[A-Z]/, (heading) => headings[heading] ?? heading))
      .join('\n');
  }
}
