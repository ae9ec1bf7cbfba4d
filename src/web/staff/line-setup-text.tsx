import { Button } from 'antd'
import { useId, useState } from 'react'
import type { SetupJson, SetupNamesJson, SetupSettingsJson } from '../../gateway/http/api/locker-setup.ts'
import { post } from '../base/api.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { sameChannel, setupPath } from './line-setup-use.ts'

interface Draft {
  readonly line: string
  readonly locker: string
  readonly nameZh: string
  readonly nameEn: string
  readonly place: string
  readonly lat: string
  readonly lng: string
}

const namesOf = ({ line, locker, nameZh, nameEn, place, lat, lng }: Draft): SetupNamesJson => ({
  line: line.trim(),
  locker: locker.trim(),
  ...(nameZh.trim() === '' ? {} : { name: { zh: nameZh.trim(), en: nameEn.trim() || nameZh.trim() } }),
  place: place.trim(),
  ...(lat.trim() === '' ? {} : { lat: Number(lat) }),
  ...(lng.trim() === '' ? {} : { lng: Number(lng) }),
})

const Written = ({ made, texts }: { made: SetupSettingsJson; texts: LineSetupTexts }) => {
  const words = texts.text
  const field = useId()
  const [copied, setCopied] = useState(false)
  const { yaml, faults } = made
  return (
    <div className="yaml">
      {faults.length === 0 ? (
        <p className="good-word" role="status">
          <Icon name="yes" size={20} /> {words.sound}
        </p>
      ) : (
        <div className="risk-box" role="alert">
          <p className="risk late">
            <Icon name="alert" size={20} /> {words.faults(faults.length)}
          </p>
          <ul>
            {faults.map(({ line, column, path, message }) => (
              <li key={`${line}.${column}.${path}.${message}`}>
                {words.fault(line, column)} <code>{path}</code> {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <label htmlFor={field}>{words.yaml}</label>
      <textarea id={field} readOnly rows={14} value={yaml} spellCheck={false} wrap="off" />
      <div className="setup-acts">
        <Button
          onClick={async () => {
            await navigator.clipboard.writeText(yaml)
            setCopied(true)
          }}
        >
          {copied ? words.copied : words.copy}
        </Button>
        <a
          className="ant-btn setup-download"
          download="lockers.yaml"
          href={`data:application/yaml;charset=utf-8,${encodeURIComponent(yaml)}`}
        >
          {words.download}
        </a>
      </div>
      <h3>{words.nextTitle}</h3>
      <ol className="setup-next">
        {words.next.map(one => (
          <li key={one}>{one}</li>
        ))}
      </ol>
    </div>
  )
}

/** Names are given, the settings written and checked; the line may have been given back by then. */
export const SettingsText = (props: {
  setup: SetupJson
  texts: LineSetupTexts
  back: (() => void) | undefined
}) => {
  const { setup, texts, back } = props
  const words = texts.text
  const id = useId()
  const [draft, setDraft] = useState<Draft>({
    line: setup.line.id ?? 'new-line',
    locker: 'new-locker',
    ...{ nameZh: '', nameEn: '', place: '', lat: '', lng: '' },
  })
  // Doors of cabinets that are in the settings keep what stands there.
  const hasNew = setup.doors.some(
    door => !setup.layout.some(known => sameChannel(known, door) || known.label === door.label),
  )
  const [made, make] = useState<SetupSettingsJson>()
  const submit = useSubmit((_key, names: SetupNamesJson) =>
    post<SetupSettingsJson>(`${setupPath}/${encodeURIComponent(setup.id)}/settings`, names),
  )
  const field = (name: keyof Draft, more: React.InputHTMLAttributes<HTMLInputElement> = {}) => (
    <div className="setup-field">
      <label htmlFor={`${id}${name}`}>{words[name]}</label>
      <input
        id={`${id}${name}`}
        value={draft[name]}
        onChange={event => {
          setDraft({ ...draft, [name]: event.target.value })
          make(undefined)
        }}
        {...more}
      />
    </div>
  )
  const word = { required: true, maxLength: 32, pattern: '[a-z0-9][a-z0-9\\-]*', title: words.idHint }
  const degrees = { inputMode: 'decimal', pattern: '\\-?[0-9]{1,3}([.][0-9]+)?' } as const
  return (
    <section className="card panel setup-step" aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className="quiet">{words.lead}</p>
      <form
        className="setup-names"
        onSubmit={async event => {
          event.preventDefault()
          make(await submit.run(namesOf(draft)))
        }}
      >
        {field('line', { ...word, readOnly: setup.line.id !== null, autoCapitalize: 'none' })}
        {hasNew && (
          <>
            {field('locker', { ...word, autoCapitalize: 'none' })}
            {field('nameZh', { required: true, maxLength: 80 })}
            {field('nameEn', { maxLength: 120 })}
            {field('place', { maxLength: 200 })}
            <div className="setup-pair setup-field">
              {field('lat', degrees)}
              {field('lng', degrees)}
            </div>
          </>
        )}
        {submit.problem && <Trouble problem={submit.problem} />}
        <div className="setup-acts">
          <Button className="setup-main" type="primary" htmlType="submit" loading={submit.busy}>
            {words.write}
          </Button>
          {back && <Button onClick={back}>{words.backToDoors}</Button>}
        </div>
      </form>
      {made && <Written made={made} texts={texts} />}
    </section>
  )
}
