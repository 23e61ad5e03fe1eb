import { Command } from '@oclif/core';

export default class Status extends Command {
  static override summary = 'Show how the instance is doing.';

  async run(): Promise<void> {
    this.log('status');
  }
}
