import { describe, expect, it } from 'vitest'
import { csv } from './csv'

describe('csv', () => {
  it('quotes what needs it', () => {
    expect(csv([['a', 'b "c", d', 3], ['x\ny', '', -2]])).toBe('\ufeffa,"b ""c"", d",3\r\n"x\ny",,-2\r\n')
  })
  it('never lets a text become a formula', () => {
    expect(csv([['=1+1', '+12125550101', '@x', '-3']])).toBe("\ufeff'=1+1,'+12125550101,'@x,'-3\r\n")
  })
})
