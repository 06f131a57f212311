import { z } from 'zod';
import { operation, READ } from './operation.ts';
import { named } from './schema.ts';

export const peopleBody = named(
  'People',
  z.object({
    people: z
      .record(z.string(), z.string())
      .describe(
        'names by the ids of tokens, also of those that are no longer in force: `token:ID` on the record is that person',
      ),
  }),
);
export type PeopleBody = z.infer<typeof peopleBody>;

export const listPeople = operation({
  id: 'listPeople',
  method: 'GET',
  path: '/v1/people',
  tag: 'tokens',
  summary: 'Who stands on the record: names of people by the ids of their tokens',
  access: READ,
  answers: { 200: { says: 'Everybody who ever had a token, agents included.', schema: peopleBody } },
  problems: [],
});
