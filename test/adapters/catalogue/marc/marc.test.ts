import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frames, readAll, readOne, refusal } from './read.ts'
import { cnmarcBook, isoRecord, type TestField } from './write.ts'

const novel: TestField[] = [
  ['001', 'c0001'],
  ['010', '  $a978-7-5366-9293-0$b精装$dCNY23.00'],
  ['100', '  $a20080310d2008    em y0chiy50      ea'],
  ['101', '0 $achi'],
  ['200', '1 $a\x98三体\x9c$9san ti$b专著$e地球往事$h第1部$i三体$dThree body$zeng$f刘慈欣著'],
  ['210', '  $a重庆$c重庆出版社$d2008.01'],
  ['330', '  $a文化大革命如火如荼进行的同时，军方探寻外星文明的绝秘计划取得了突破性进展。'],
  ['606', '0 $a科学幻想小说$x长篇小说$y中国$z当代$Ake xue huan xiang xiao shuo'],
  ['690', '  $aI247.55$v4'],
  ['701', ' 0$a刘慈欣$9liu ci xin$f(1963-)$4著'],
  ['702', ' 0$c(美)$a刘宇昆$c(Liu, Ken)$4译'],
  ['905', '  $aSZL$b0100012345$b0100012346$cGQJ$dI247.55$e123'],
]

describe('a CNMARC record', () => {
  it('becomes a record with everything that readers search for', async () => {
    expect(await readOne(isoRecord({ fields: novel }))).toEqual({
      controlNumber: 'c0001',
      title: '三体',
      titleRest: '地球往事. 第1部，三体 = Three body',
      author: '刘慈欣',
      otherAuthors: ['刘宇昆', 'Liu, Ken'],
      publisher: '重庆出版社',
      place: '重庆',
      year: 2008,
      isbns: ['9787536692930'],
      clc: 'I247.55',
      subjects: ['科学幻想小说－长篇小说－中国－当代'],
      summary: '文化大革命如火如荼进行的同时，军方探寻外星文明的绝秘计划取得了突破性进展。',
      language: 'chi',
      items: [
        { barcode: '0100012345', location: 'GQJ', callNumber: 'I247.55/123', shelving: 'open' },
        { barcode: '0100012346', location: 'GQJ', callNumber: 'I247.55/123', shelving: 'open' },
      ],
      warnings: [],
    })
  })

  it('is the same whether written in UTF-8, GB18030 or GBK', async () => {
    const fields = novel.filter(([tag]) => tag !== '200').concat([['200', '1 $a三體$e地球往事$f劉慈欣著']])
    const [one, ...twins] = await Promise.all(
      (['utf-8', 'gb18030', 'gbk'] as const).map(encoding => readOne(isoRecord({ fields, encoding }))),
    )
    expect(one?.title).toBe('三體')
    expect(twins).toEqual([one, one])
  })

  it('takes its authors from the statement of responsibility when it has no headings', async () => {
    const fields = (f: string): TestField[] => [['200', `1 $a书名$f${f}`]]
    const said = async (f: string) => {
      const { author, otherAuthors } = await readOne(isoRecord({ fields: fields(f) }))
      return [author, ...otherAuthors]
    }
    expect(await said('(英)J.K.罗琳著')).toEqual(['J.K.罗琳'])
    expect(await said('马月坤，陈昊主编')).toEqual(['马月坤', '陈昊'])
    expect(await said('[明] 吴承恩著')).toEqual(['吴承恩'])
    expect(await said('国家统计局编')).toEqual(['国家统计局'])
    expect(await said('by Edgar Snow.')).toEqual(['by Edgar Snow'])
  })

  it('has its year from the imprint, in either calendar, else from 100', async () => {
    const year = async (d: string, coded = '    ') =>
      (
        await readOne(
          isoRecord({
            fields: [
              ['100', `  $a20200101d${coded}    em y0chiy50      ea`],
              ['200', '1 $a书名'],
              ['210', `  $d${d}`],
            ],
          }),
        )
      ).year
    expect(await year('2010.09')).toBe(2010)
    expect(await year('1993[民82]')).toBe(1993)
    expect(await year('民84.')).toBe(1995)
    expect(await year('２０１２')).toBe(2012)
    expect(await year('民.', '1999')).toBe(1999)
    expect(await year('19--?')).toBeUndefined()
    expect(await year('20115')).toBeUndefined()
  })

  it('may have its class in any of several 690, but no class of another scheme', async () => {
    const clc = async (...numbers: string[]) =>
      (
        await readOne(
          isoRecord({
            fields: [['200', '1 $a书名'], ...numbers.map((n): TestField => ['690', `  $a${n}`])],
          }),
        )
      ).clc
    expect(await clc('R473.59；R598.209')).toBe('R473.59')
    expect(await clc('PL2865', 'I207.4')).toBe('I207.4')
    expect(await clc('tp391.41')).toBe('TP391.41')
    expect(await clc('[F127]')).toBe('F127')
    expect(await clc('873.57', 'W99')).toBeUndefined()
  })
})

const english: TestField[] = [
  ['001', 'm0001'],
  ['008', '200101s2019    cc            000 1 chi d'],
  ['020', '  $a753157425X$q(set)'],
  ['020', '  $a9787531574255'],
  ['100', '1 $6880-01$aDewdney, Anna,$d1965-$eauthor.'],
  ['245', '10$6880-02$aLa ma la ma, zao shang hao /$c(Mei) Anna Dudeni zhu hui.'],
  ['264', ' 1$6880-03$aShenyang :$bLiaoning shao nian er tong chu ban she,$c2019.'],
  ['520', '  $aA bedtime story.'],
  ['650', ' 0$aLlamas$vJuvenile fiction.'],
  ['700', '1 $aXue, Yan.'],
  ['700', '12$aSomebody.$tA work inside.'],
  ['880', '1 $6100-01/$1$a杜德尼,$d1965-$eauthor.'],
  ['880', '10$6245-02/$1$a拉玛拉玛, 早上好 /$c(美) 安娜 · 杜德尼著绘.'],
  ['880', ' 1$6264-03/$1$a沈阳 :$b辽宁少年儿童出版社,$c2019.'],
  ['852', '8 $82274$bMAIN$cKIDS$hI712.85$iD92'],
  ['876', '  $02274$p32101097858045'],
  ['952', '  $aSIP$cADULT$p3000123$oI712.85 DEW'],
  ['952', '  $bEast Asian Library$cno barcode'],
]

describe('a MARC21 record', () => {
  it('prefers the original script, and knows the copies of several systems', async () => {
    expect(await readOne(isoRecord({ fields: english, dialect: 'marc21' }))).toEqual({
      controlNumber: 'm0001',
      title: '拉玛拉玛, 早上好',
      author: '杜德尼',
      otherAuthors: ['Xue, Yan'],
      publisher: '辽宁少年儿童出版社',
      place: '沈阳',
      year: 2019,
      isbns: ['9787531574255'],
      subjects: ['Llamas -- Juvenile fiction'],
      summary: 'A bedtime story.',
      language: 'chi',
      items: [
        { barcode: '3000123', location: 'SIP/ADULT', callNumber: 'I712.85 DEW', shelving: 'open' },
        { barcode: '32101097858045', location: 'MAIN/KIDS', callNumber: 'I712.85/D92', shelving: 'open' },
      ],
      warnings: [],
    })
  })

  it('loses the punctuation of ISBD and keeps that of words', async () => {
    const title = async (field: string) => {
      const { title, titleRest } = await readOne(isoRecord({ fields: [['245', field]], dialect: 'marc21' }))
      return [title, titleRest]
    }
    expect(await title('10$aBeijing :$ba guide =$bPékin /$cby A. B.')).toEqual(['Beijing', 'a guide = Pékin'])
    expect(await title('00$aDr. Sun Yat-sen et al.')).toEqual(['Dr. Sun Yat-sen et al.', undefined])
    expect(await title('00$aWords ...')).toEqual(['Words ...', undefined])
    expect(await title('00$aHistory.$nPart 2,$pThe war.')).toEqual(['History', 'Part 2, The war'])
  })

  it('has its Chinese class in 093, or in 084 when that says so; never the class of another scheme', async () => {
    const clc = async (...fields: TestField[]) =>
      (await readOne(isoRecord({ fields: [['245', '00$aT'], ...fields], dialect: 'marc21' }))).clc
    expect(await clc(['050', ' 4$aB5231'], ['090', '  $aF124'])).toBeUndefined()
    expect(await clc(['084', '  $aI247.5$2clc'])).toBe('I247.5')
    expect(await clc(['093', '  $aC0$25']), 'second').toBe('C0')
  })

  it('is told from CNMARC record by record', async () => {
    const mixed = Buffer.concat([
      isoRecord({ fields: english, dialect: 'marc21' }),
      isoRecord({ fields: novel }),
    ])
    const all = await readAll(mixed)
    expect(all.map(r => r.ok && r.record.title)).toEqual(['拉玛拉玛, 早上好', '三体'])
  })
})

describe('what is left out of a record is told', () => {
  it('an ISBN whose check digit is wrong', async () => {
    const { isbns, warnings } = await readOne(
      isoRecord({
        fields: [
          ['001', '1'],
          ['200', '1 $a书名'],
          ['010', '  $a978-7-5366-9293-1'],
          ['010', '  $a7-5037-2790-X$d9.00'],
          ['010', '  $b平装'],
        ],
      }),
    )
    expect(isbns).toEqual(['9787503727900'])
    expect(warnings).toEqual(['invalid-isbn: ISBN 无效：978-7-5366-9293-1 / invalid ISBN: 978-7-5366-9293-1'])
  })

  it('a name, a publisher or a subject that is garbled', async () => {
    const { author, otherAuthors, publisher, subjects, warnings } = await readOne(
      isoRecord({
        fields: [
          ['001', '1'],
          ['200', '1 $a傲慢與偏見'],
          ['210', '  $c!<G!0s'],
          ['606', '  $aÃ©ducation'],
          ['606', '  $a小说'],
          ['700', ' 1$a孫$b!T*!N|'],
          ['702', ' 1$a黎$b!=~'],
          ['702', ' 1$a王$b科一'],
        ],
      }),
    )
    expect([author, otherAuthors, publisher, subjects]).toEqual(['王科一', [], undefined, ['小说']])
    expect(warnings.map(w => w.split(':')[0])).toEqual(Array(4).fill('garbled-field'))
  })

  it('a barcode that could not travel in a SIP2 message', async () => {
    const { items, warnings } = await readOne(
      isoRecord({
        fields: [
          ['001', '1'],
          ['200', '1 $a书名'],
          ['905', '  $bA|B$b甲1$b01 02$c1'],
        ],
      }),
    )
    expect(items.map(i => i.barcode)).toEqual(['01', '02'])
    expect(warnings.map(w => w.split(':')[0])).toEqual(['invalid-barcode', 'invalid-barcode'])
  })

  it('a summary beyond all measure', async () => {
    const long = isoRecord({
      fields: [
        ['001', '1'],
        ['200', '1 $a书名'],
        ['330', `  $a${'字'.repeat(3000)}$a${'字'.repeat(100)}`],
        ['330', `  $a${'字'.repeat(3000)}`],
        ['330', `  $a${'字'.repeat(3000)}`],
      ],
    })
    const { summary, warnings } = await readOne(long)
    expect(summary?.length).toBe(8000)
    expect(warnings.map(w => w.split(':')[0])).toEqual(['shortened'])
  })

  it('a control number, which is then made from the content and stays the same', async () => {
    const make = (title: string) => isoRecord({ fields: [['200', `1 $a${title}`]] })
    const [one, again, other] = [
      await readOne(make('甲')),
      await readOne(make('甲')),
      await readOne(make('乙')),
    ]
    expect(one.controlNumber).toMatch(/^x[0-9a-f]{20}$/)
    expect(again.controlNumber).toBe(one.controlNumber)
    expect(other.controlNumber).not.toBe(one.controlNumber)
    expect(one.warnings.map(w => w.split(':')[0])).toEqual(['no-control-number'])
  })
})

describe('a record is refused', () => {
  it('without a title, and with its number and place', async () => {
    const good = isoRecord(cnmarcBook('1', '书'))
    const bad = isoRecord({
      fields: [
        ['001', '2'],
        ['200', '1 $f无名'],
      ],
    })
    const [, refused, after] = await readAll(Buffer.concat([good, bad, good]))
    expect(refused).toEqual({
      ok: false,
      number: 2,
      offset: good.length,
      reason: 'no-title: 没有题名 / there is no title',
    })
    expect(after).toMatchObject({ ok: true, number: 3, offset: good.length + bad.length })
  })

  it('when it is deleted, or no bibliographic record', async () => {
    const fields: TestField[] = [
      ['001', '1'],
      ['200', '1 $a书'],
    ]
    expect(await refusal(isoRecord({ fields, status: 'dam0 ' }))).toMatch(/^deleted:/)
    expect(await refusal(isoRecord({ fields, status: 'nx  a' }))).toMatch(/^not-bibliographic: .*x/)
  })

  it('when its text can be read in no encoding', async () => {
    const fields: TestField[] = [
      ['001', '1'],
      ['245', '10$aÉtude générale française'],
    ]
    expect(await refusal(isoRecord({ fields, encoding: 'latin1', dialect: 'marc21' }))).toMatch(
      /^undecodable:/,
    )
    const marc8 = isoRecord({
      fields: [
        ['245', '00$aplain'],
        ['880', '  $a\x1b$1!PVK7oi\x1b(B'],
      ],
      dialect: 'marc21',
    })
    expect(await refusal(marc8)).toMatch(/^marc-8:/)
    const ansel = isoRecord({
      fields: [['245', '10$aBulletin de la Soci\xe2et\xe2e linn\xe2eenne']],
      encoding: 'latin1',
      dialect: 'marc21',
      status: 'nas  ',
    })
    expect(await refusal(ansel)).toMatch(/^marc-8:/)
    const holed = Buffer.from(isoRecord(cnmarcBook('1', '一本完整的书名而已')))
    holed[holed.indexOf('完')] = 0xff
    expect(await refusal(holed)).toMatch(/^undecodable:/)
  })

  it.each([
    ['\u7f16\u7801\ufffd', 'U+FFFD'],
    ['孫!T*!N|!YF', 'EACC'],
    ['ÖÐ¹úÎÄÑ§Ê·', '→ Windows-1252'],
    ['JoÌ„myoÌ„ genron', '→ Windows-1252'],
    ['æ–‡æ·µé–£å››åº«å…¨æ›¸', '→ Windows-1252'],
    [new TextDecoder('gbk').decode(Buffer.from('图书馆学')), 'UTF-8 → GBK'],
    ['锟斤拷锟斤拷', 'UTF-8 → GBK'],
  ])('when its title is garbled: %s', async (title, kind) => {
    const said = await refusal(
      isoRecord({
        fields: [
          ['001', '1'],
          ['200', `1 $a${title}`],
        ],
      }),
    )
    expect(said).toContain(`garbled: 题名是乱码：${kind}`)
  })

  it.each([
    '加油!OK',
    'Café “Ñandú” – ¿qué?',
    'Strauß’ Werke',
    'ÉTUDE',
    '联通的故事',
    '鏂山遗稿',
    'L’Œuvre au noir',
    'Ðặng Thai Mai',
    '« Café » et thé—“noir”',
    'Café—·杂志',
  ])('but not for a rare or foreign title: %s', async title => {
    expect(
      (
        await readOne(
          isoRecord({
            fields: [
              ['001', '1'],
              ['200', `1 $a${title}`],
            ],
          }),
        )
      ).title,
    ).toBe(title)
  })
})

describe('settings', () => {
  const fields: TestField[] = [
    ['001', '1'],
    ['200', '1 $a圖書館學'],
    ['955', '  $x9001$y分馆$z书库'],
  ]

  it('an encoding that is said is the only one tried', async () => {
    const big5 = isoRecord({ fields, encoding: 'big5' })
    expect((await readOne(big5, { encoding: 'big5' })).title).toBe('圖書館學')
    expect(await refusal(isoRecord({ fields, encoding: 'gbk' }), { encoding: 'utf-8' })).toMatch(
      /^not-in-encoding: .*UTF-8/,
    )
    expect((await readOne(isoRecord({ fields, encoding: 'gbk' }), { encoding: 'gb18030' })).title).toBe(
      '圖書館學',
    )
  })

  it('a format that is said is the only one tried', async () => {
    expect(await refusal(isoRecord({ fields }), { format: 'marc21' })).toMatch(/^no-title:/)
  })

  it('holdings are told in the fields that the library says', async () => {
    const rule = { tag: '955', barcode: 'x', location: [['y', 'z']] }
    const holdings = { cnmarc: [rule], marc21: [], closedLocations: ['书库'] }
    expect((await readOne(isoRecord({ fields }), { holdings })).items).toEqual([
      { barcode: '9001', location: '分馆/书库', shelving: 'closed' },
    ])
  })
})

describe('known sloppiness is borne', () => {
  const plain = isoRecord({ fields: novel })

  it('a directory whose places count characters instead of bytes', async () => {
    const characters = isoRecord({
      fields: novel.map(([tag, value]) => [tag, value.replace(/[^\x00-\x7f]/g, 'x')]),
    })
    const base = Number(plain.toString('latin1', 12, 17))
    const sloppy = Buffer.concat([characters.subarray(0, base), plain.subarray(base)])
    const { warnings, ...record } = await readOne(sloppy)
    expect(record).toEqual(await readOne(plain).then(({ warnings: _, ...rest }) => rest))
    expect(warnings.map(w => w.split(':')[0])).toEqual(['wrong-length', 'wrong-directory'])
  })

  it('a wrong base address', async () => {
    const wrong = Buffer.from(plain)
    wrong.write('00099', 12)
    expect((await readOne(wrong)).title).toBe('三体')
  })

  it('one wrong entry in the directory', async () => {
    const wrong = Buffer.from(plain)
    wrong.write('0000100000', 24 + 12 * 4 + 2)
    expect((await readOne(wrong)).title).toBe('三体')
  })

  it('fields stored in another order than listed', async () => {
    const base = Number(plain.toString('latin1', 12, 17))
    const entries = plain.toString('latin1', 24, base - 1).match(/.{12}/g) ?? []
    const turned = Buffer.concat([
      plain.subarray(0, 24),
      Buffer.from(entries.toReversed().join(''), 'latin1'),
      plain.subarray(base - 1),
    ])
    expect((await readOne(turned)).title).toBe('三体')
  })

  it('a field that lost its terminator costs no more than itself and its neighbour', async () => {
    const at = plain.indexOf('\x1e010') < 0 ? plain.indexOf(Buffer.from('\x1e  \x1fa978')) : -1
    const wrong = Buffer.from(plain)
    wrong[at] = 0x20
    const { title, warnings } = await readOne(wrong)
    expect([title, warnings.map(w => w.split(':')[0])]).toEqual([
      '三体',
      ['lost-fields', 'no-control-number'],
    ])
  })
})

it('a record written by hand reads back as it was', { timeout: 30_000 }, async () => {
  const word = fc
    .string({ unit: fc.constantFrom(...'山水云天地人之书abcXYZ019 ·—《》é'), minLength: 1, maxLength: 30 })
    .map(s => s.trim())
    .filter(s => /^[^\s·—]/.test(s) && /[^\s·—]$/.test(s) && !/[é]{2}/.test(s))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 6 }), async books => {
      const file = Buffer.concat(
        books.map(([title, author], i) =>
          isoRecord({
            fields: [
              ['001', String(i)],
              ['200', `1 $a${title}`],
              ['701', ` 0$a${author}`],
            ],
          }),
        ),
      )
      const all = await readAll(file)
      expect(all.map(r => r.ok && [r.record.controlNumber, r.record.title, r.record.author])).toEqual(
        books.map(([title, author], i) => [String(i), title, author]),
      )
    }),
    { numRuns: 200 },
  )
})

it('never throws, whatever the bytes', { timeout: 30_000 }, async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.tuple(fc.nat(400), fc.uint8Array({ maxLength: 20 })).map(([at, noise]) => {
      const record = Buffer.from(isoRecord({ fields: novel }))
      Buffer.from(noise).copy(record, at)
      return record
    }),
  )
  await fc.assert(
    fc.asyncProperty(bytes, async noise => {
      const found = await readAll(noise)
      expect(found.length).toBe((await frames(Buffer.from(noise))).length)
    }),
    { numRuns: 300 },
  )
})
