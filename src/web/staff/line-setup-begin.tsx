import { Button } from 'antd'
import { useId, useState } from 'react'
import type { LockerSetupJson, SetupFieldJson, StartSetupJson } from '../../gateway/http/api/locker-setup.ts'
import { post } from '../base/api.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { readAddresses, writeAddresses } from './board-addresses.ts'
import { keepPicture, setupPath } from './line-setup-use.ts'

type Values = Readonly<Record<string, string>>
type Make = LockerSetupJson['makes'][number]

/** One setting of a make, drawn from its own schema. */
const Setting = (props: {
  field: SetupFieldJson
  texts: LineSetupTexts
  value: string
  change: (value: string) => void
}) => {
  const { field, texts, value, change } = props
  const id = useId()
  const name = texts.fields[field.key] ?? field.key
  const choices =
    field.kind === 'yes-no'
      ? [
          ['true', texts.begin.yes],
          ['false', texts.begin.no],
        ]
      : (field.values ?? []).map(one => [one, one])
  return (
    <div className="setup-field">
      <label htmlFor={id}>{name}</label>
      {field.kind === 'choice' || field.kind === 'yes-no' ? (
        <select
          id={id}
          value={value}
          required={field.required}
          onChange={event => change(event.target.value)}
        >
          <option value="">
            {texts.begin.usual}
            {field.usual === undefined
              ? ''
              : ` (${choices.find(([of]) => of === String(field.usual))?.[1] ?? field.usual})`}
          </option>
          {choices.map(([of, say]) => (
            <option key={of} value={of}>
              {say}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          type={field.kind === 'number' ? 'number' : 'text'}
          {...(field.from === undefined ? {} : { min: field.from })}
          {...(field.to === undefined ? {} : { max: field.to })}
          required={field.required}
          maxLength={200}
          placeholder={field.usual === undefined ? '' : `${texts.begin.usual} ${field.usual}`}
          value={value}
          onChange={event => change(event.target.value)}
        />
      )}
      <p className="quiet small" lang="en">
        {field.describe}
      </p>
    </div>
  )
}

/** What was filled in, as the settings want it; what was left stays as it usually is. */
const filled = (
  fields: readonly SetupFieldJson[],
  values: Values,
): Record<string, string | number | boolean> =>
  Object.fromEntries(
    fields.flatMap(({ key, kind }) => {
      const value = values[key]?.trim() ?? ''
      if (value === '') return []
      return [[key, kind === 'number' ? Number(value) : kind === 'yes-no' ? value === 'true' : value]]
    }),
  )

interface Fresh {
  readonly driver: string
  readonly way: 'dial' | 'listen'
  readonly host: string
  readonly port: string
  readonly line: Values
  readonly everyBoard: Values
}

const addressOf = ({ way, host, port }: Fresh) =>
  way === 'dial'
    ? { dial: { host: host.trim(), port: Number(port) } }
    : { listen: { host: '0.0.0.0', port: Number(port), from: host.trim() } }

const FreshLine = (props: {
  makes: readonly Make[]
  make: Make | undefined
  texts: LineSetupTexts
  fresh: Fresh
  change: (fresh: Fresh) => void
}) => {
  const { w } = useWords()
  const { makes, make, texts, fresh, change } = props
  const words = texts.begin
  const id = useId()
  const dials = fresh.way === 'dial'
  const settings = (part: 'line' | 'everyBoard', title: string) =>
    make && make.form[part].length > 0 ? (
      <details className="setup-more">
        <summary>{title}</summary>
        {make.form[part].map(field => (
          <Setting
            key={field.key}
            field={field}
            texts={texts}
            value={fresh[part][field.key] ?? ''}
            change={value => change({ ...fresh, [part]: { ...fresh[part], [field.key]: value } })}
          />
        ))}
      </details>
    ) : null
  return (
    <div className="setup-fresh">
      <div className="setup-field">
        <label htmlFor={`${id}m`}>{words.make}</label>
        <select
          id={`${id}m`}
          value={fresh.driver}
          onChange={event => change({ ...fresh, driver: event.target.value, line: {}, everyBoard: {} })}
        >
          {makes.map(one => (
            <option key={one.driver} value={one.driver}>
              {w(one.title)}
            </option>
          ))}
        </select>
      </div>
      <fieldset className="setup-choice">
        <legend>{words.way}</legend>
        {(['dial', 'listen'] as const).map(way => (
          <label key={way}>
            <input
              type="radio"
              name={`${id}way`}
              checked={fresh.way === way}
              onChange={() => change({ ...fresh, way })}
            />
            {words[way]}
          </label>
        ))}
      </fieldset>
      <div className="setup-pair">
        <div className="setup-field">
          <label htmlFor={`${id}h`}>{dials ? words.host : words.from}</label>
          <input
            id={`${id}h`}
            required
            maxLength={253}
            inputMode="url"
            autoCapitalize="none"
            placeholder="192.168.0.7"
            value={fresh.host}
            onChange={event => change({ ...fresh, host: event.target.value })}
          />
        </div>
        <div className="setup-field">
          <label htmlFor={`${id}p`}>{dials ? words.port : words.listenPort}</label>
          <input
            id={`${id}p`}
            type="number"
            required
            min={dials ? 1 : 1024}
            max={65535}
            placeholder={dials ? '20108' : '8234'}
            value={fresh.port}
            onChange={event => change({ ...fresh, port: event.target.value })}
          />
        </div>
      </div>
      {settings('line', words.more)}
      {settings('everyBoard', words.everyBoard)}
    </div>
  )
}

/** The line is chosen, or named; nothing is asked and nothing moves before the button is pressed. */
export const BeginSetup = ({ of, texts }: { of: LockerSetupJson; texts: LineSetupTexts }) => {
  const { w } = useWords()
  const words = texts.begin
  const id = useId()
  const { makes, lines, networks, current } = of
  const [chosen, choose] = useState(() => current?.line.id ?? lines[0]?.id ?? '')
  const [fresh, setFresh] = useState<Fresh>({
    ...{ driver: makes[0]?.driver ?? '', way: 'dial', host: '', port: '', line: {}, everyBoard: {} },
  })
  const line = lines.find(one => one.id === chosen)
  const make = makes.find(one => one.driver === (line?.driver ?? fresh.driver))
  const { from, to } = make?.addresses ?? { from: 0, to: 255 }
  const usual =
    line && line.boards.length > 0 ? writeAddresses(line.boards) : `${from}-${Math.min(from + 7, to)}`
  const [written, write] = useState<string>()
  const [reason, setReason] = useState<string>(words.reasonUsual)
  const [goOn, setGoOn] = useState(true)
  const submit = useSubmit((_key, wish: StartSetupJson) => post<LockerSetupJson>(setupPath, wish))
  const addresses = readAddresses(written ?? usual, from, to)
  const mayGoOn =
    current !== null && current.line.id === (line?.id ?? null) && current.line.driver === make?.driver
  const start = async () => {
    if (!addresses || !make) return
    const { line: more, everyBoard } = make.form
    const wanted: StartSetupJson['line'] = line
      ? { id: line.id }
      : {
          driver: fresh.driver,
          address: addressOf(fresh),
          more: filled(more, fresh.line),
          everyBoard: filled(everyBoard, fresh.everyBoard),
        }
    keepPicture(
      await submit.run({
        line: wanted,
        addresses: [...addresses],
        reason: reason.trim(),
        goOn: mayGoOn && goOn,
      }),
    )
  }
  return (
    <form
      className="card panel setup-begin"
      onSubmit={event => {
        event.preventDefault()
        void start()
      }}
    >
      <fieldset className="setup-lines">
        <legend>{words.title}</legend>
        {lines.map(one => (
          <label key={one.id} className="setup-line">
            <input
              type="radio"
              name={`${id}line`}
              checked={chosen === one.id}
              onChange={() => {
                choose(one.id)
                write(undefined)
              }}
            />
            <span>
              <strong>{one.id}</strong> <span className="quiet">{words.known(one.driver, one.where)}</span>
              <br />
              {one.lockers.length > 0 ? one.lockers.map(({ name }) => w(name)).join('、') : words.noLockers}
            </span>
          </label>
        ))}
        <label className="setup-line">
          <input
            type="radio"
            name={`${id}line`}
            checked={!line}
            onChange={() => {
              choose('')
              write(undefined)
            }}
          />
          <span>
            <strong>{words.fresh}</strong>
            <br />
            <span className="quiet small">{words.freshText(networks.join('  '))}</span>
          </span>
        </label>
      </fieldset>
      {!line && <FreshLine makes={makes} make={make} texts={texts} fresh={fresh} change={setFresh} />}
      <div className="setup-field">
        <label htmlFor={`${id}a`}>{words.addresses}</label>
        <input
          id={`${id}a`}
          aria-describedby={`${id}ah`}
          maxLength={200}
          value={written ?? usual}
          onChange={event => write(event.target.value)}
        />
        <p id={`${id}ah`} className={addresses ? 'quiet small' : 'risk late'}>
          {addresses ? `${words.addressesHint} (${from}–${to})` : words.addressesWrong}
        </p>
      </div>
      <div className="setup-field">
        <label htmlFor={`${id}r`}>{words.reason}</label>
        <input
          id={`${id}r`}
          required
          minLength={3}
          maxLength={200}
          value={reason}
          onChange={event => setReason(event.target.value)}
        />
      </div>
      {mayGoOn && (
        <label className="setup-tick">
          <input type="checkbox" checked={goOn} onChange={event => setGoOn(event.target.checked)} />
          {words.goOn}
        </label>
      )}
      {line && line.lockers.length > 0 && (
        <p className="risk at-risk">
          <Icon name="alert" size={20} /> {words.busy(line.lockers.map(({ name }) => w(name)).join('、'))}
        </p>
      )}
      {submit.problem && <Trouble problem={submit.problem} />}
      <Button
        className="setup-main"
        type="primary"
        htmlType="submit"
        loading={submit.busy}
        disabled={!addresses || reason.trim().length < 3}
      >
        {words.start}
      </Button>
    </form>
  )
}
