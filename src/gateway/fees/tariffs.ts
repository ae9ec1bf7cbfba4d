import type { Direction, Tariff, TariffLine, Zone } from './tariff.ts'

const price = (
  direction: Direction,
  zone: Zone,
  includedItems: number,
  basePrice: number,
  perFurtherItem: number,
  maxItemsPerOrder: number | null = null,
): TariffLine => ({ direction, zone, includedItems, basePrice, perFurtherItem, maxItemsPerOrder })

/** The same price there and back. */
const bothWays = (...terms: [Zone, number, number, number, (number | null)?]): readonly TariffLine[] => [
  price('borrow', ...terms),
  price('return', ...terms),
]

/** Tariffs that libraries have published, as examples to start from. Amounts in fen. */
export const hangzhou: Tariff = {
  id: 'hangzhou',
  name: { zh: '杭州图书馆', en: 'Hangzhou Library' },
  home: { code: '330100', province: '浙江省', city: '杭州市', district: '' },
  lines: bothWays('anywhere', 3, 300, 100),
}
export const yinzhou: Tariff = {
  id: 'yinzhou',
  name: { zh: '鄞州区图书馆', en: 'Yinzhou District Library' },
  home: { code: '330212', province: '浙江省', city: '宁波市', district: '鄞州区' },
  lines: [price('borrow', 'anywhere', 3, 300, 100), price('return', 'anywhere', 3, 600, 100)],
}
export const hefei: Tariff = {
  id: 'hefei',
  name: { zh: '合肥市图书馆', en: 'Hefei Library' },
  home: { code: '340100', province: '安徽省', city: '合肥市', district: '' },
  lines: bothWays('anywhere', 5, 500, 0, 5),
}
export const suzhou: Tariff = {
  id: 'suzhou',
  name: { zh: '苏州图书馆', en: 'Suzhou Library' },
  home: { code: '320500', province: '江苏省', city: '苏州市', district: '' },
  lines: bothWays('anywhere', 5, 500, 0, 5),
}
export const yangpu: Tariff = {
  id: 'yangpu',
  name: { zh: '上海市杨浦区图书馆', en: 'Shanghai Yangpu District Library' },
  home: { code: '310110', province: '上海市', city: '上海市', district: '杨浦区' },
  lines: [...bothWays('same-district', 3, 500, 100, 10), ...bothWays('same-city', 3, 600, 100, 10)],
}
export const lujiazui: Tariff = {
  id: 'lujiazui',
  name: { zh: '上海陆家嘴图书馆', en: 'Shanghai Lujiazui Library' },
  home: { code: '310115', province: '上海市', city: '上海市', district: '浦东新区' },
  lines: [...bothWays('same-district', 3, 300, 0, 3), ...bothWays('same-city', 3, 500, 0, 3)],
}
export const tariffs: readonly Tariff[] = [hangzhou, yinzhou, hefei, suzhou, yangpu, lujiazui]
