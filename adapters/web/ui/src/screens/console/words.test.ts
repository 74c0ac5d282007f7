import { describe, expect, it } from 'vitest'
import { bounds, country, changes, inputOf, instantOf, percent, place, scope } from './words'

describe('the words of the console', () => {
  it('name places', () => {
    expect(country('ZZ')).toBe('All other countries')
    expect(country('DE')).toBe('Germany')
    expect(place({ provider: 'alpha', region: 'NA' })).toBe('alpha in North America')
    expect(place({ provider: 'alpha', region: 'NA', country: 'US', network: '310-410' })).toBe('alpha on network 310-410 in United States')
    expect(place({ provider: 'alpha' })).toBe('alpha everywhere')
  })
  it('give shares of something only', () => {
    expect(percent(967, 1000)).toBe('96.7%')
    expect(percent(1, 1)).toBe('100%')
    expect(percent(0, 0)).toBe('')
  })
  it('keep instants in UTC through a field', () => {
    expect(instantOf(inputOf('2010-03-18T09:00:00Z'))).toBe('2010-03-18T09:00:00.000Z')
    expect(instantOf('')).toBe('')
    expect(instantOf('2010-03')).toBe('')
  })
  it('say what a window is and does', () => {
    expect(bounds({ start: '2010-03-18T09:00:00Z' })).toBe('18 Mar 2010, 09:00 UTC to the end of the outage')
    expect(bounds({ start_date: '2010-03-18', days: 2, zone_mode: 'account_home' })).toBe('2 days from 2010-03-18, in the zone of each account')
    expect(scope({})).toBe('all texts')
    expect(scope({ providers: ['alpha'], countries: ['US', 'CA'] })).toBe('texts sent by alpha, to United States and Canada')
    const say = (micro: number) => String(micro / 1e6)
    expect(changes({ accounts: 0, messages: 0, refunded_micro: 0 }, say)).toBe('Nothing is refunded now.')
    expect(changes({ accounts: 1, messages: 2, refunded_micro: 1_500_000, reversed_micro: 500_000 }, say)).toBe(
      '1.5 credits go back for 2 texts of 1 account. 0.5 credits are taken back.',
    )
  })
})
