import type { LibraryJson } from '../../gateway/http/api/open.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import { useTown } from './session.ts'
import { Page } from './shell.tsx'

const Open = ({ open, yes, no }: { open: boolean; yes: string; no: string }) => (
  <span className={open ? 'small free' : 'small quiet'}>
    <Icon name={open ? 'yes' : 'clock'} size={16} />
    {open ? yes : no}
  </span>
)

const OneLibrary = ({ library }: { library: LibraryJson }) => {
  const { t, w } = useWords()
  const words = t.reader.placesPage
  return (
    <section className="place-group" aria-labelledby={`library-${library.id}`}>
      <div className="section-head">
        <h2 id={`library-${library.id}`} className="serif">
          {w(library.name)}
        </h2>
        <a href={`tel:${library.phone}`}>{words.call(library.phone)}</a>
      </div>
      {library.lockers.length > 0 && <h3 className="quiet small">{words.lockers}</h3>}
      <ul className={library.lockers.length > 0 ? 'card rows' : ''}>
        {library.lockers.map(locker => (
          <li key={locker.id} className="place-row">
            <Icon name="locker" />
            <div>
              <p>{w(locker.name)}</p>
              <p className="quiet small">{locker.place}</p>
              <p className="quiet small">
                {words.hours} {w(locker.hours)}
              </p>
            </div>
            <Open
              open={locker.online}
              yes={t.reader.cart.freeDoors(locker.freeCompartments)}
              no={words.offline}
            />
          </li>
        ))}
      </ul>
      <h3 className="quiet small">{words.branches}</h3>
      <ul className="card rows">
        {library.branches.map(branch => (
          <li key={branch.id} className="place-row">
            <Icon name="branch" />
            <div>
              <p>{w(branch.name)}</p>
              <p className="quiet small">{branch.address}</p>
              <p className="quiet small">
                {words.hours} {w(branch.hours)}
              </p>
            </div>
            <Open open={branch.openNow} yes={words.openNow} no={words.closedNow} />
          </li>
        ))}
      </ul>
    </section>
  )
}

export default function Places() {
  const { t } = useWords()
  const town = useTown()
  return (
    <Page title={t.reader.placesPage.title}>
      <Loaded of={town} lines={10}>
        {({ libraries }) => libraries.map(library => <OneLibrary key={library.id} library={library} />)}
      </Loaded>
    </Page>
  )
}
