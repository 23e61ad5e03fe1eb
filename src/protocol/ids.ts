import * as z from 'zod';

/** Ids are UUIDv7, told apart by type, and never a capability: knowing one grants nothing. */
export const userId = z.uuid().brand<'UserId'>();
export const sessionId = z.uuid().brand<'SessionId'>();
export const conversationId = z.uuid().brand<'ConversationId'>();
export const inviteId = z.uuid().brand<'InviteId'>();
/** Chosen by the client, once per thing it sends: what makes a repeated send harmless. */
export const clientId = z.uuid().brand<'ClientId'>();

export type UserId = z.infer<typeof userId>;
export type SessionId = z.infer<typeof sessionId>;
export type ConversationId = z.infer<typeof conversationId>;
export type InviteId = z.infer<typeof inviteId>;
export type ClientId = z.infer<typeof clientId>;
/** A server process, by the name its configuration gives it (`main` when it is alone). */
export type NodeId = string;
