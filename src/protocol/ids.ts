import * as z from 'zod';

/** One id has one spelling, whoever writes it. */
const uuid = () => z.uuid().toLowerCase();

/** Ids are UUIDv7, told apart by type, and never a capability: knowing one grants nothing. */
export const userId = uuid().brand<'UserId'>();
export const sessionId = uuid().brand<'SessionId'>();
export const conversationId = uuid().brand<'ConversationId'>();
export const inviteId = uuid().brand<'InviteId'>();
export const passkeyId = uuid().brand<'PasskeyId'>();
export const apiTokenId = uuid().brand<'ApiTokenId'>();
export const reportId = uuid().brand<'ReportId'>();
export const webhookId = uuid().brand<'WebhookId'>();
export const groupLinkId = uuid().brand<'GroupLinkId'>();
/** Chosen by the client, once per thing it sends: what makes a repeated send harmless. */
export const clientId = uuid().brand<'ClientId'>();

export type UserId = z.infer<typeof userId>;
export type SessionId = z.infer<typeof sessionId>;
export type ConversationId = z.infer<typeof conversationId>;
export type InviteId = z.infer<typeof inviteId>;
export type PasskeyId = z.infer<typeof passkeyId>;
export type ApiTokenId = z.infer<typeof apiTokenId>;
export type ReportId = z.infer<typeof reportId>;
export type WebhookId = z.infer<typeof webhookId>;
export type GroupLinkId = z.infer<typeof groupLinkId>;
export type ClientId = z.infer<typeof clientId>;
/** A server process, by the name its configuration gives it (`main` when it is alone). */
export type NodeId = string;
