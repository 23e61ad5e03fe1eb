/** What a page says about itself: clean text of one line each, bounded; the description may be empty. */
export interface PageSummary {
  /** The host that answered, behind all redirects. */
  readonly site: string;
  readonly title: string;
  readonly description: string;
}

/** Looks up pages of the internet, and nothing nearer than that. */
export interface LinkReader {
  /**
   * What the page at an http or https address says about itself; null: nothing that could be shown, or it cannot be had.
   * Never rejects. It ends within seconds, reads a bounded part of the page, runs nothing of it, and reaches no private
   * network: not by name, by number, or by a redirect.
   */
  read(url: string): Promise<PageSummary | null>;
}
