/** The production clock's timers. The virtual clock has tests of its own. */
import { jest } from '@jest/globals';
import { SystemClock } from '../../../lib/common/clock.js';

const DAY = 86_400_000;

describe('SystemClock', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it("leaves the time of SQL statements to the database's clock", () => {
    expect(new SystemClock().fixed()).toBeNull();
  });

  it('calls back once, after the delay', () => {
    const callback = jest.fn();
    new SystemClock().after(1000, callback);
    jest.advanceTimersByTime(999);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(10_000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('takes a negative delay for none', () => {
    const callback = jest.fn();
    new SystemClock().after(-5, callback);
    jest.advanceTimersByTime(0);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('waits 100 days, longer than a timer of Node can', () => {
    const callback = jest.fn();
    new SystemClock().after(100 * DAY, callback);
    jest.advanceTimersByTime(100 * DAY - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it.each([0, 30, 99])('is taken back after %d of 100 days', (days) => {
    const callback = jest.fn();
    const timer = new SystemClock().after(100 * DAY, callback);
    jest.advanceTimersByTime(days * DAY);
    timer.cancel();
    timer.cancel();
    jest.advanceTimersByTime(200 * DAY);
    expect(callback).not.toHaveBeenCalled();
  });

  it('repeats within a tenth of the interval, until it is taken back', () => {
    const callback = jest.fn();
    const timer = new SystemClock().every(1000, callback);
    jest.advanceTimersByTime(899);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(99_101);
    expect(callback.mock.calls.length).toBeGreaterThanOrEqual(90);
    expect(callback.mock.calls.length).toBeLessThanOrEqual(112);
    timer.cancel();
    callback.mockClear();
    jest.advanceTimersByTime(10_000);
    expect(callback).not.toHaveBeenCalled();
  });

  it('repeats although a callback threw', () => {
    const callback = jest.fn(() => {
      throw new Error('once');
    });
    const timer = new SystemClock().every(1000, callback);
    expect(() => jest.advanceTimersByTime(1100)).toThrow('once');
    expect(() => jest.advanceTimersByTime(1100)).toThrow('once');
    timer.cancel();
  });

  it('reads a monotonic time', () => {
    const clock = new SystemClock();
    const before = clock.monotonic();
    jest.advanceTimersByTime(250);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(250);
  });
});
