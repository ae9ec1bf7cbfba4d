import { Button } from 'antd'
import type { SetupJson } from '../../gateway/http/api/locker-setup.ts'
import { Icon } from '../base/icons.tsx'
import { useWords } from '../base/words.tsx'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { type Acting, channelName } from './line-setup-use.ts'

type Candidate = SetupJson['candidates'][number]

const sayWiring = (texts: LineSetupTexts, { wiring }: Candidate): string =>
  Object.entries(wiring)
    .map(([key, value]) => texts.wiring.names[key]?.[value] ?? `${key}: ${value}`)
    .join(' · ')

/** How the contacts are taken to be wired, what speaks for it, and the other ways there are. */
export const Wiring = (props: { setup: SetupJson; texts: LineSetupTexts; acting: Acting }) => {
  const { w } = useWords()
  const { setup, texts, acting } = props
  const words = texts.wiring
  const [believed, ...others] = setup.candidates
  if (!believed) return null
  const one = Object.keys(believed.wiring).length === 0
  return (
    <section className="setup-wiring" aria-label={words.title}>
      <h3>{words.title}</h3>
      {one ? (
        <p className="quiet">{words.only}</p>
      ) : (
        <p>
          {sayWiring(texts, believed)}
          <br />
          <span className="quiet">{words.open(believed.open)}</span>
          <br />
          <span className={setup.sure ? 'good-word' : 'risk at-risk'}>
            <Icon name={setup.sure ? 'yes' : 'look'} size={20} /> {setup.sure ? words.sure : words.unsure}
          </span>
        </p>
      )}
      {setup.idle.length > 0 && (
        <p className="quiet small">{words.idle(setup.idle.map(channelName).join('、'))}</p>
      )}
      {setup.silent.map(({ board, say }) => (
        <p key={board} className="risk late">
          <Icon name="alert" size={20} /> {words.silent(board, w(say))}
        </p>
      ))}
      {others.length > 0 && !setup.sure && (
        <details>
          <summary>{words.others(others.length)}</summary>
          <ul className="setup-candidates">
            {others.map(other => (
              <li key={JSON.stringify(other.wiring)}>
                <span>
                  {sayWiring(texts, other)} <span className="quiet">· {words.open(other.open)}</span>
                </span>
                {setup.mine && (
                  <Button
                    size="small"
                    disabled={acting.busy || setup.at?.waits === 'which'}
                    onClick={() => acting.act({ act: 'wiring', wiring: other.wiring })}
                  >
                    {words.believe}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
      {setup.mine && (
        <Button
          type="link"
          disabled={acting.busy || setup.at?.waits === 'which'}
          onClick={() => acting.act({ act: 'back-to-boards' })}
        >
          {words.backToBoards}
        </Button>
      )}
    </section>
  )
}
