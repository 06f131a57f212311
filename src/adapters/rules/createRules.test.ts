import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRules } from './createRules.ts';
import { CHRISTMAS_EVE, pipelineOf, ruleOf, someFacts } from './testing/someFacts.ts';

const rules = createRules();

/** What a rule comes to with the facts of `someFacts`; of an error, what it says. */
function judge(require: string, more: Parameters<typeof ruleOf>[1] = {}, facts = someFacts()): string {
  const { outcome, says } = rules.judge(ruleOf(require, more), facts);
  return outcome === 'error' ? says : outcome;
}

const fault = (require: string) => rules.fault(pipelineOf([ruleOf(require)]));

describe('rules in CEL', () => {
  const TRUE: readonly (readonly [string, string])[] = [
    ['change.name == "faster-search" && change.service == "shop"', 'texts'],
    ['change.author != rollout.startedBy', 'two facts with each other'],
    ['change.newPath == ""', 'a field that is empty is still there'],
    ['"api" in change.roles && !("db" in change.roles)', 'in a list'],
    ['change.roles.all(r, r in ["api", "web"])', 'a list within all'],
    ['change.roles.exists(r, r.startsWith("ap"))', 'exists'],
    ['change.slots.exists_one(s, s.startsWith("config/"))', 'exists_one'],
    ['change.slots[0].endsWith("shop")', 'an item of a list'],
    ['change.reason.contains("slow") && change.reason.matches("^[a-z ]+$")', 'texts searched'],
    ['size(change.digest) == 71 && change.roles.size() == 2', 'sizes'],
    ['stage.name == "pilot" && stage.number == 2 && !stage.last', 'the stage'],
    ['wave.number == 2 && wave.count == 2 && wave.targets == 8 && wave.last', 'the wave'],
    ['plan.targets == 90 && plan.unstaged == 10 && plan.pipeline == "shop"', 'the plan'],
    ['plan.stages.filter(s, s.shareOfTargets > 0.5).size() == 1', 'filter'],
    ['plan.stages[2].last && plan.stages[2].targets == 80', 'a field of an item'],
    ['blast.targets == 10 && blast.shareOfTargets <= 0.1', 'all that is open then'],
    ['blast.shareOfTargets < 1', 'whole numbers and fractions are compared'],
    ['blast.dependents.all(d, d != "billing")', 'dependents'],
    ['double(fleet.connected) / double(fleet.targets) > 0.95 && fleet.unhealthy * 100 <= fleet.targets', 'the fleet'],
    ['time.weekday == "thursday" && time.date == "2026-12-24" && time.zone == "UTC"', 'the day'],
    ['time.year == 2026 && time.month == 12 && time.day == 24', 'its parts'],
    ['time.hour == 20 && time.minute == 30', 'the hour'],
    ['time.date >= "2026-12-01"', 'dates compare as texts'],
    ['time.now < timestamp("2026-12-25T00:00:00Z")', 'a moment that is written out'],
    ['time.now - rollout.startedAt == duration("1h")', 'a span'],
    ['stage.last ? fleet.unhealthy == 0 : true', 'a condition'],
    ['// why\ntrue', 'a comment'],
  ];
  for (const [require, reason] of TRUE) {
    test(`${reason}: ${require}`, () => {
      assert.equal(fault(require), null);
      assert.equal(judge(require), 'passes');
      assert.equal(judge(`!(${require.replace('// why\n', '')})`), 'refuses');
    });
  }

  test('time is told by the clock of the zone that the rule names', () => {
    const late = 'time.hour >= 22';
    assert.equal(judge(late, { timeZone: 'UTC' }), 'refuses');
    assert.equal(judge(late, { timeZone: 'Asia/Tokyo' }), 'refuses');
    assert.equal(judge('time.date == "2026-12-25" && time.weekday == "friday"', { timeZone: 'Asia/Tokyo' }), 'passes');
    assert.equal(judge('time.hour == 21', { timeZone: 'Europe/Berlin' }), 'passes');
  });

  test('time follows the clock over a change to summer time, whatever the zone of the machine', () => {
    const before = someFacts({}, Date.UTC(2026, 2, 29, 0, 59));
    const after = someFacts({}, Date.UTC(2026, 2, 29, 1, 0));
    assert.equal(judge('time.hour == 1 && time.minute == 59', { timeZone: 'Europe/Berlin' }, before), 'passes');
    assert.equal(judge('time.hour == 3 && time.minute == 0', { timeZone: 'Europe/Berlin' }, after), 'passes');
  });
});

describe('law 16: a rule that is not known to work is refused when it is applied', () => {
  const WRONG: readonly (readonly [string, RegExp, RegExp])[] = [
    ['', /cannot be read/, /CEL/],
    ['change.name ==', /column \d+: it cannot be read/, /CEL/],
    ['chnage.name == "x"', /column 1: there is no variable "chnage"/, /did you mean "change"/],
    ['true && change.nmae == "x"', /column 15: change has no field "nmae"/, /did you mean "name"/],
    ['true &&\nchange.nmae == "x"', /line 2, column 7: change has no field/, /name/],
    ['change == change', /== does not go with/, /same kind/],
    ['change.name', /comes to string, and not to true or false/, /compare/],
    ['stage.targets', /comes to int/, /compare/],
    ['stage.name == 3', /== does not go with string and int/, /same kind/],
    ['stage.targets * 0.5 < 3.0', /\* does not go with int and double/, /double\(/],
    ['stage.name && true', /&& does not go with string and bool/, /true or false/],
    ['change.name.nope == "x"', /is string and has no fields/, /take ".nope" away/],
    ['time.weekday == "Friday"', /"Friday" is never true of it/, /did you mean "friday"/],
    ['time.weekday in ["saturday", "sunnday"]', /"sunnday" is never true/, /did you mean "sunday"/],
    ['time.hour in ["9"]', /in does not go with int and a?.*list of string/, /list/],
    ['change.name.startWith("x")', /there is no method "startWith"/, /did you mean "startsWith"/],
    ['sise(change.roles) > 1', /there is no function "sise"/, /did you mean "size"/],
    ['time.now.getHours() < 9', /there is no method "getHours"/, /known/],
    ['change.roles.map(r, r + r).size() > 1', /there is no method "map"/, /known/],
    ['has(change.name)', /has/, /./],
    ['change.roles.all(r, r)', /true or false of each item/, /compare/],
    ['change.roles.all(stage, stage == "x")', /"stage" is the name of something else/, /otherwise/],
    ['change.name.all(r, r == "x")', /goes over a list/, /list/],
    ['change.roles.all(r, q == "x")', /there is no variable "q"/, /./],
    ['change.roles.all(r, r == "x") && r == "x"', /there is no variable "r"/, /./],
    ['["a", 1].size() == 2', /a list of string has int in it/, /one type/],
    ['[].size() == 0', /at least one item/, /./],
    ['[change].size() == 1', /cannot be made/, /./],
    ['{"a": 1}.size() == 1', /mappings and messages/, /./],
    ['null == null', /null, bytes and unsigned/, /./],
    ['1u == 1u', /null, bytes and unsigned/, /./],
    ['timestamp("soon") < time.now', /timestamp cannot read "soon"/, /write it so/],
    ['timestamp(change.name) < time.now', /no written text/, /write it out/],
    ['duration("1 week") < duration("1h")', /duration cannot read/, /write it so/],
    ['change.name.matches("(")', /cannot be read/, /RE2/],
    ['change.name.matches(change.reason)', /no written text/, /write the expression out/],
    ['change.name.matches("a{1000}")', /counts repetitions/, /write them out/],
    ['1 in change.roles', /in does not go with int/, /./],
    ['stage in plan.stages', /in does not go with/, /./],
    ['dyn(1) == 1', /there is no function "dyn"/, /known/],
    ['type(1) == int', /there is no function "type"/, /known/],
    ['constructor.name == "x"', /there is no variable "constructor"/, /./],
    ['change.constructor == "x"', /change has no field "constructor"/, /./],
    ['change.__proto__ == "x"', /change has no field "__proto__"/, /./],
    ['toString(1)', /there is no function "toString"/, /./],
  ];
  for (const [require, says, remedy] of WRONG) {
    test(`${require.replaceAll('\n', ' ')}: ${says.source}`, () => {
      const found = fault(require);
      assert.match(found?.says ?? 'no fault', says);
      assert.match(found?.remedy ?? '', remedy);
      assert.equal(rules.judge(ruleOf(require), someFacts()).outcome, 'error');
    });
  }

  test('a zone that does not exist is refused', () => {
    const found = rules.fault(pipelineOf([ruleOf('true', { timeZone: 'Europe/Berlim' })]));
    assert.match(found?.says ?? '', /no time zone "Europe\/Berlim"/);
    assert.equal(rules.judge(ruleOf('true', { timeZone: 'Europe/Berlim' }), someFacts()).outcome, 'error');
  });
});

describe('fail closed: a rule that errors refuses', () => {
  const FAILING: readonly (readonly [string, RegExp])[] = [
    ['1 / (wave.number - 2) == 0', /divi/],
    ['change.roles[7] == "api"', /bounds/],
    ['9223372036854775807 + stage.number > 0', /overflow/],
    ['plan.stages[stage.number + 1].last', /bounds/],
  ];
  for (const [require, says] of FAILING) {
    test(require, () => {
      assert.equal(fault(require), null);
      assert.match(judge(require), says);
    });
  }

  test('what is larger than a rule looks at is not cut: it refuses', () => {
    const dependents = Array.from({ length: 257 }, (_, index) => `service-${index}`);
    const facts = someFacts();
    const many = { ...facts, blast: { ...facts.blast, dependents } };
    assert.match(judge('blast.dependents.all(d, d != "x")', {}, many), /257 items, at most 256/);
    assert.equal(judge('blast.targets == 10', {}, many), 'passes');
    const long = { ...facts, change: { ...facts.change, reason: 'x'.repeat(5000) } };
    assert.match(judge('change.reason.contains("y")', {}, long), /5000 characters/);
  });

  test('nothing is remembered from one look to the next', () => {
    const rule = ruleOf('time.hour < 21');
    assert.equal(rules.judge(rule, someFacts()).outcome, 'passes');
    assert.equal(rules.judge(rule, someFacts({}, CHRISTMAS_EVE + 3_600_000)).outcome, 'refuses');
  });
});
