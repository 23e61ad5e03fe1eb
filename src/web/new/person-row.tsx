import type { ComponentChildren } from 'preact';
import type { Profile } from '../../protocol/models.ts';
import { Avatar } from '../parts/avatar.tsx';
import { BotMark, Name, nameOf } from '../parts/name.tsx';

interface PersonProps {
  readonly person: Profile;
  readonly more?: string;
  readonly online?: boolean;
  readonly children?: ComponentChildren;
}

/** The inside of a row about a person. */
export function Person({ person, more, online = false, children }: PersonProps) {
  return (
    <>
      <Avatar id={person.userId} picture={person.avatar} name={nameOf(person)} size="small" online={online} />
      <span class="row-main">
        <span class="person-name">
          <Name of={person} cut />
        </span>
        <span class="row-more">
          <bdi class="cut">{more ?? person.name}</bdi>
        </span>
      </span>
      {person.bot === true && <BotMark />}
      {children}
    </>
  );
}
