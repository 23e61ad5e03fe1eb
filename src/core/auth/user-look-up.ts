import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import { userId as userIdSchema } from '../../protocol/ids.ts';
import { name as nameSchema } from '../../protocol/models.ts';

/** Whom an admin means, by id, else by name. Throws `not_found` with `no_such_user`. */
export type LookUpUser = (said: string) => Promise<UserRecord>;

export function makeLookUpUser({ users }: Platform): LookUpUser {
  async function find(said: string): Promise<UserRecord | null> {
    const id = userIdSchema.safeParse(said);
    if (id.success) return users.find(id.data);
    const name = nameSchema.safeParse(said.trim());
    return name.success ? users.findByName(name.data) : null;
  }

  return async (said) => {
    const user = await find(said);
    if (user === null) throw new AppError('not_found', 'no_such_user');
    return user;
  };
}
