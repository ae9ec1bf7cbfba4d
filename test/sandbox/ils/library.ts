import type { IlsSeed, Item, Patron } from '../../../src/sandbox/ils/model.ts'

/** 09:30 on a Thursday in Suzhou. */
export const start = Temporal.Instant.from('2026-10-15T09:30:00+08:00').epochMilliseconds
export const at = (local: string): number => Temporal.Instant.from(`${local}+08:00`).epochMilliseconds

const item = (barcode: string, bibId: string, more: Partial<Item> = {}): Item => ({
  barcode,
  bibId,
  callNumber: `I247.5/${bibId}`,
  permanentLocation: 'GSQ',
  currentLocation: 'GSQ',
  mediaType: '001',
  status: 'available',
  forLoan: true,
  ...more,
})

const patron = (card: string, name: string, more: Partial<Patron> = {}): Patron => ({
  card,
  pin: '1234',
  name,
  category: 'A',
  expiresAt: at('2030-12-31T23:59:59'),
  homeBranch: 'GSQ',
  ...more,
})

const many = Array.from({ length: 45 }, (_, i) => String(i + 1).padStart(3, '0'))

/**
 * A library with one reader of each kind. 東, 億 and 質 have 0x7C as second byte in GB18030, so a title with
 * them shows who splits bytes in place of text.
 */
export const library = (): IlsSeed => ({
  institution: 'SZTEST',
  libraryName: '测试图书馆',
  branches: [
    { code: 'GSQ', name: '古胥门分馆' },
    { code: 'PJL', name: '平江路分馆' },
  ],
  categories: [
    {
      code: 'A',
      name: '成人',
      maxLoans: 5,
      maxHolds: 3,
      loanDays: 30,
      maxRenewals: 2,
      maxOverdue: 3,
      maxOwed: 1000,
      finePerDay: 10,
      fineCap: 500,
    },
    {
      code: 'G',
      name: '团体',
      maxLoans: 60,
      maxHolds: 60,
      loanDays: 60,
      maxRenewals: 9,
      maxOverdue: 60,
      maxOwed: 100_000,
      finePerDay: 0,
    },
  ],
  accounts: [{ user: 'gateway', password: 's3cret', branch: 'GSQ' }],
  patrons: [
    patron('R0001', '顾小满', { email: 'xiaoman@example.test', phone: '00000000001', address: '虚构路1号' }),
    patron('R0002', '沈億東', { homeBranch: 'PJL' }),
    patron('R0003', '陆停云', { blocked: '证件遗失待补' }),
    patron('R0004', '钱过期', { expiresAt: at('2020-01-01T00:00:00') }),
    patron('R0005', '周欠费'),
    patron('R0006', '吴无密', { pin: '' }),
    patron('R0007', '郑团体', { category: 'G' }),
    patron('P9001', '预制卡', { blocked: '预制卡，未启用', pool: true }),
  ],
  bibs: [
    { id: 'b1', title: '園林東西：億年之質', author: '佚名' },
    { id: 'b2', title: '图书馆学基础', author: '佚名' },
    { id: 'b3', title: '运河志', author: '佚名' },
    { id: 'b4', title: '馆藏地方文献辑刊', author: '佚名' },
    ...many.map(n => ({ id: `m${n}`, title: `连环画 第${n}册` })),
  ],
  items: [
    item('B1001', 'b1'),
    item('B1002', 'b1', { permanentLocation: 'PJL', currentLocation: 'PJL' }),
    item('B2001', 'b2'),
    item('B3001', 'b3', { permanentLocation: 'PJL', currentLocation: 'GSQ' }),
    item('B4001', 'b4', { forLoan: false }),
    item('B4002', 'b4', { loanFee: 200 }),
    ...many.map(n => item(`M${n}`, `m${n}`, n <= '025' ? { status: 'charged' } : {})),
  ],
  loans: many
    .filter(n => n <= '025')
    .map((n, i) => ({
      number: i + 1,
      barcode: `M${n}`,
      card: 'R0007',
      at: at('2026-10-01T10:00:00'),
      dueAt: at('2026-11-30T23:59:59'),
      renewals: 0,
    })),
  fines: [
    { id: 'F1', card: 'R0005', amount: 700, paid: 0, type: '04', at: start, note: '超期' },
    { id: 'F2', card: 'R0005', amount: 500, paid: 0, type: '07', at: start, note: '污损' },
  ],
  lastNumber: 100,
})
