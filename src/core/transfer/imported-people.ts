import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import { userId as userIdSchema } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { name as nameSchema } from '../../protocol/models.ts';
import type { Input, Output } from '../../protocol/operations.ts';
import type { Role } from '../../protocol/roles.ts';
import type { Audit } from '../auth/audit.ts';
import type { Call, Handlers } from '../call.ts';
import { readPicture } from '../picture.ts';

type Wanted = Input<'import.people'>['people'][number];
type Found = Output<'import.people'>['people'][number];

/** How many accounts of one name are counted up to: `anna`, `anna-2`, `anna-3`. */
const mostNamesakes = 1_000;

/** The people of what is imported: accounts that are here, or new ones that nobody can sign in to until they are enabled. */
export function makeImportedPeople({
  users,
  avatars,
  privacy,
  clock,
  audit,
}: Pick<Platform, 'users' | 'avatars' | 'privacy' | 'clock'> & { readonly audit: Audit }): Pick<
  Handlers,
  'import.picture' | 'import.people' | 'import.block'
> {
  const found = (outcome: Found['outcome'], { userId, name, displayName }: Omit<Found, 'outcome' | 'emailTaken'>) => ({
    ...{ userId, name, displayName, outcome },
    emailTaken: false,
  });

  async function find(wanted: Wanted): Promise<Found | null> {
    if (wanted.as !== null) {
      const named = await lookUp(wanted.as);
      if (named !== null) return found('as', named);
    }
    const here = await users.find(wanted.userId);
    if (here !== null) return found('here', here.state === 'deleted' ? { ...here, name: '', displayName: '' } : here);
    if (wanted.deleted || wanted.as !== null) return null;
    const matched = await match(wanted);
    return matched === null ? null : found('matched', matched);
  }

  async function lookUp(said: string): Promise<UserRecord | null> {
    const id = userIdSchema.safeParse(said);
    if (id.success) return users.find(id.data);
    const name = nameSchema.safeParse(said);
    return name.success ? users.findByName(name.data) : null;
  }

  /** Of two people who are called the same, neither. */
  async function match({ match, name, displayName }: Wanted) {
    if (match === 'never') return null;
    if (match === 'name') return users.findByName(name);
    const alike = (await users.search(displayName, 20)).filter(
      (each) => each.displayName.toLowerCase() === displayName.toLowerCase(),
    );
    return alike.length === 1 ? (alike[0] ?? null) : null;
  }

  async function freeName(wanted: string, planned: ReadonlySet<string> = new Set()): Promise<string> {
    for (let n = 1; n <= mostNamesakes; n++) {
      const end = n === 1 ? '' : `-${n}`;
      const name = `${wanted.slice(0, limits.nameLength.max - end.length)}${end}`;
      if (!planned.has(name) && (await users.findByName(name)) === null) return name;
    }
    throw new AppError('conflict', 'name_taken');
  }

  async function make(wanted: Wanted, call: Call): Promise<Found> {
    const name = await freeName(wantedName(wanted));
    const account = {
      ...{ userId: wanted.userId, name, displayName: wanted.displayName, language: wanted.language },
      ...{ passwordHash: '', role: lowered(wanted.role), state: 'disabled' as const },
    };
    const outcome = await users.add({ ...account, email: wanted.email });
    if (outcome === 'email_taken') await users.add({ ...account, email: null });
    else if (outcome !== 'added')
      throw new AppError('conflict', outcome === 'name_taken' ? outcome : 'import_conflict');
    await audit(call, { action: 'user.imported', subjectId: wanted.userId });
    if (wanted.deleted) await remove(wanted.userId);
    else {
      if (wanted.privacy !== null) await privacy.set(wanted.userId, wanted.privacy);
      if (wanted.avatar !== null && (await avatars.find(wanted.avatar)) !== null) {
        await users.setAvatar(wanted.userId, wanted.avatar);
      }
    }
    const names = wanted.deleted ? { name: '', displayName: '' } : { name, displayName: wanted.displayName };
    return { userId: wanted.userId, ...names, outcome: 'made', emailTaken: outcome === 'email_taken' };
  }

  async function remove(userId: UserId): Promise<void> {
    await users.setState(userId, { from: ['disabled'], state: 'deleting', deletesAt: clock.now() });
    await users.empty(userId);
  }

  async function findOrMake(wanted: Wanted, planned: Set<string> | null, call: Call): Promise<Found> {
    const known = await find(wanted);
    // It was being made when somebody stopped it.
    if (
      known?.outcome === 'here' &&
      wanted.deleted &&
      known.name !== '' &&
      planned === null &&
      (await isUnused(known.userId))
    ) {
      await remove(known.userId);
      return { ...known, name: '', displayName: '' };
    }
    if (known !== null) return known;
    if (planned === null) return make(wanted, call);
    const { userId, displayName } = wanted;
    if (wanted.deleted) return found('made', { userId, name: '', displayName: '' });
    const name = await freeName(wantedName(wanted), planned);
    planned.add(name);
    return found('made', { userId, name, displayName });
  }

  /** An import made it, and it is as it was made. */
  async function isUnused(userId: UserId): Promise<boolean> {
    const user = await users.find(userId);
    return user?.state === 'disabled' && user.passwordHash === '';
  }

  return {
    async 'import.picture'({ picture }) {
      return { avatar: await avatars.put(readPicture(picture)) };
    },

    async 'import.people'({ people, dryRun }, call) {
      const all: Found[] = [];
      const planned = dryRun ? new Set<string>() : null;
      for (const wanted of people) all.push(await findOrMake(wanted, planned, call));
      return { people: all };
    },

    async 'import.block'({ userId, blockedIds }) {
      let blocked = 0;
      if (!(await isUnused(userId))) return { blocked };
      for (const blockedId of blockedIds) {
        const outcome = await privacy.block(userId, blockedId, true, limits.blocks);
        if (outcome === 'changed') blocked++;
      }
      return { blocked };
    },
  };
}

function wantedName({ as, name }: Wanted): string {
  if (as === null) return name;
  const read = nameSchema.safeParse(as);
  if (read.success) return read.data;
  throw new AppError('invalid', 'import_name', { fields: [{ path: as, message: 'is no name' }] });
}

/** Nobody rules an instance by coming to it. */
function lowered(role: Role): Role {
  return role === 'guest' ? 'guest' : 'member';
}
