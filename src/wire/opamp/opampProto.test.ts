import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { DescEnumValue, DescField, DescFile } from '@bufbuild/protobuf';
import { file_opamp } from './generated/opamp_pb.ts';

// A client written by others, generated from the specification's own files: the judge of our field numbers.
const theirs: DescFile = createRequire(import.meta.url)(
  '@elastic/opamp-client-node/lib/generated/opamp_pb.js',
).file_opamp;
const theirAttributes: DescFile = createRequire(import.meta.url)(
  '@elastic/opamp-client-node/lib/generated/anyvalue_pb.js',
).file_anyvalue;

function shape(field: DescField): string {
  const enumerated = field.enum === undefined ? '' : 'enum';
  const scalar = field.fieldKind === 'map' ? `${field.mapKind}` : `${field.scalar ?? enumerated}`;
  return `${field.number} ${field.name} ${field.fieldKind} ${scalar} ${field.message?.name ?? ''}`;
}

for (const message of [...theirs.messages, ...theirAttributes.messages]) {
  test(`wire format of ${message.name} is that of the specification`, () => {
    const ours = file_opamp.messages.find((candidate) => candidate.name === message.name);
    assert.ok(ours, `${message.name} is missing`);
    const ourShapes = new Set(ours.fields.map(shape));
    // Fields that came with a later version of the specification are in ours alone.
    for (const field of message.fields) assert.ok(ourShapes.has(shape(field)), `${message.name}: ${shape(field)}`);
  });
}

/** `AgentCapabilities_AcceptsRemoteConfig` and `AGENT_CAPABILITY_ACCEPTS_REMOTE_CONFIG` to the same word. */
const lastWord = (name: string, prefix: string) => name.slice(prefix.length).replaceAll('_', '').toLowerCase();

const enums: Readonly<Record<string, string>> = {
  AgentToServerFlags: 'AgentToServerFlag',
  ServerToAgentFlags: 'ServerToAgentFlag',
  ServerCapabilities: 'ServerCapability',
  AgentCapabilities: 'AgentCapability',
  RemoteConfigStatuses: 'RemoteConfigState',
  ConnectionSettingsStatuses: 'ConnectionSettingsState',
  PackageStatusEnum: 'PackageState',
  PackageType: 'PackageType',
  ServerErrorResponseType: 'ServerErrorType',
  CommandType: 'CommandType',
};

test('enums have the numbers of the specification', () => {
  for (const theirEnum of theirs.enums) {
    const ourEnum = file_opamp.enums.find((candidate) => candidate.name === enums[theirEnum.name]);
    assert.ok(ourEnum, `${theirEnum.name} is missing`);
    for (const value of theirEnum.values) {
      const same: DescEnumValue | undefined = ourEnum.values.find((candidate) => candidate.number === value.number);
      assert.ok(same, `${theirEnum.name}: no ${value.number}`);
      assert.equal(
        lastWord(same.name, ourEnum.sharedPrefix ?? ''),
        lastWord(value.name, `${theirEnum.name}_`),
        `${theirEnum.name} ${value.number}`,
      );
    }
  }
});
