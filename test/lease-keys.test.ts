/**
 * Goal: SP-8, CT-14: each VIPA and each address of each range has a word of its own in the coupling
 * facility, the same at every node.
 * Method: ranges of every shape; every key is asked for, and every index given once.
 */
import { expect, test } from 'vitest';
import type { VipaName } from '#actors/vocabulary';
import { LeaseKeys } from '#internal/ports/lease-keys';

const vipas = ['chat', 'shop'].map((name) => ({ name: name as VipaName }));
const range = (name: string, subnet: string) => ({ name: name as VipaName, subnet, hopsMax: 16 });

test('SP-8 every address of every range has its own word, and every VIPA', () => {
  const ranges = [range('small', '127.1.2.0/24'), range('large', '10.20.0.0/16')];
  const keys = new LeaseKeys(vipas, ranges);
  const all = ['chat', 'shop'];
  for (let low = 0; low < 256; low += 1) all.push(keys.keyOfAddress('small', `127.1.2.${low}`)!);
  for (let low = 0; low < 65_536; low += 1) {
    all.push(keys.keyOfAddress('large', `10.20.${low >> 8}.${low & 0xff}`)!);
  }
  const indices = all.map((name) => keys.indexOf(name)).toSorted((x, y) => x - y);
  expect(keys.size).toBe(2 + 256 + 65_536);
  expect(indices).toEqual(Array.from({ length: keys.size }, (_, index) => index));
});

test('SP-8 a subnet that is given by any of its addresses is the same one', () => {
  const keys = new LeaseKeys([], [range('odd', '127.1.2.130/28')]);
  expect(keys.size).toBe(16);
  expect(keys.keyOfAddress('odd', '127.1.2.127')).toBeUndefined();
  expect(keys.indexOf(keys.keyOfAddress('odd', '127.1.2.128')!)).toBe(0);
  expect(keys.indexOf(keys.keyOfAddress('odd', '127.1.2.143')!)).toBe(15);
  expect(keys.keyOfAddress('odd', '127.1.2.144')).toBeUndefined();
});

test('SP-8 an address has one key, however it is written', () => {
  const keys = new LeaseKeys([], [range('six', 'fd00::/112')]);
  const key = keys.keyOfAddress('six', 'fd00::ab');
  expect(keys.keyOfAddress('six', 'FD00:0:0:0:0:0:0:00AB')).toBe(key);
  expect(keys.indexOf(key!)).toBe(0xab);
  expect(keys.size).toBe(65_536);
});

test('SP-8 one address in two ranges has two words: ranges are apart', () => {
  const keys = new LeaseKeys([], [range('one', '127.1.2.0/30'), range('two', '127.1.2.0/30')]);
  const [one, two] = ['one', 'two'].map((name) => keys.keyOfAddress(name, '127.1.2.1'));
  expect([keys.indexOf(one!), keys.indexOf(two!)]).toEqual([1, 5]);
});

test.each([
  ['an address outside it', 'range', '127.1.3.0'],
  ['an address of the other family', 'range', '::1'],
  ['no address', 'range', 'localhost'],
  ['an unknown range', 'ranger', '127.1.2.1'],
])('SP-8 there is no key for %s', (_, name, address) => {
  const keys = new LeaseKeys(vipas, [range('range', '127.1.2.0/24')]);
  expect(keys.keyOfAddress(name, address)).toBeUndefined();
});

test('a key that was never given is a mistake of ours', () => {
  const keys = new LeaseKeys(vipas, []);
  expect(() => keys.indexOf('bar')).toThrow('no key "bar"');
  expect(() => keys.indexOf('bar/127.0.0.1')).toThrow('no key "bar/127.0.0.1"');
});
