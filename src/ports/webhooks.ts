import type { Webhook } from '../protocol/bot-operations.ts';
import type { ConversationId, UserId, WebhookId } from '../protocol/ids.ts';

export interface WebhookRecord extends Webhook {
  /** Of an outgoing one, sealed. */
  readonly sealedSecret: string | null;
  /** Of an outgoing one: entries up to here were delivered, or need not be. */
  readonly seq: number;
  /** Not before this, ms by the caller's clock. */
  readonly retryAt: number;
  /** Since when all tries failed, ms by the caller's clock; null: the last went well. */
  readonly failingSince: number | null;
}

export interface NewWebhook {
  readonly webhookId: WebhookId;
  readonly conversationId: ConversationId;
  readonly name: string;
  readonly botId: UserId;
  readonly createdBy: UserId | null;
  readonly kind:
    | { readonly direction: 'incoming'; readonly secretHash: string }
    | {
        readonly direction: 'outgoing';
        readonly sealedSecret: string;
        readonly url: string;
        readonly trigger: NonNullable<Webhook['outgoing']>['trigger'];
        readonly word: string | null;
        /** Where it begins: what stands behind it is delivered. */
        readonly seq: number;
      };
}

/** How far deliveries came, and how the last one went. */
export interface DeliveryState {
  readonly seq: number;
  readonly retryAt: number;
  readonly failures: number;
  readonly failingSince: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly disabledAt: number | null;
  /** Something was delivered just now. */
  readonly used: boolean;
}

/** Webhooks of conversations. Every method is atomic; null is "not found". */
export interface WebhookStore {
  /** False: the conversation has `most` of this direction already. */
  add(webhook: NewWebhook, most: number): Promise<boolean>;
  find(webhookId: WebhookId): Promise<WebhookRecord | null>;
  findByHash(secretHash: string): Promise<WebhookRecord | null>;
  /** By id, behind `after`. `conversationId` null: of all. */
  list(ask: {
    readonly conversationId: ConversationId | null;
    readonly after: WebhookId | null;
    readonly limit: number;
  }): Promise<readonly WebhookRecord[]>;
  /** Those of the conversations that have outgoing ones which deliver. */
  delivering(conversationIds: readonly ConversationId[]): Promise<ReadonlySet<ConversationId>>;
  /** False: there is none. */
  renew(
    webhookId: WebhookId,
    secret: { readonly secretHash: string } | { readonly sealedSecret: string },
  ): Promise<boolean>;
  /** Something came in by it. Written at most once a minute, by the caller's care. */
  used(webhookId: WebhookId): Promise<void>;
  /** False: there is none. */
  remove(webhookId: WebhookId): Promise<boolean>;
  /**
   * Takes an outgoing webhook for `leaseMs` by the store's clock: nobody else delivers by it meanwhile. Null: somebody does,
   * it is disabled, or there is none.
   */
  take(webhookId: WebhookId, leaseMs: number): Promise<WebhookRecord | null>;
  /** What came of deliveries by one who took it, who keeps it for `leaseMs` more (0: gives it back). */
  note(webhookId: WebhookId, state: DeliveryState, leaseMs: number): Promise<void>;
  /** As if it had never failed. */
  resume(webhookId: WebhookId): Promise<void>;
}

/** What came of one delivery. */
export type Delivered =
  | { readonly status: number; readonly text: string }
  /**
   * `timeout`; `unreachable`; `private_address`: it leads into a network that the configuration keeps closed; `redirected`;
   * `answer_too_large`.
   */
  | { readonly failure: 'timeout' | 'unreachable' | 'private_address' | 'redirected' | 'answer_too_large' };

/** Posts to addresses that people gave. */
export interface WebhookSender {
  /**
   * Posts JSON once, signed, following no redirect. Never rejects. At most ten seconds. `text` is the answer's, at most 64
   * KiB.
   */
  post(delivery: {
    readonly url: string;
    readonly secret: string;
    /** The same over all tries of one delivery. */
    readonly deliveryId: string;
    readonly body: string;
  }): Promise<Delivered>;
}
