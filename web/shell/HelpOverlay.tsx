import { Dialog } from '../parts/Dialog.tsx';
import { Key } from '../parts/Key.tsx';
import { keysInForce } from './keys.ts';

/** Every key that does something where one is. */
export function HelpOverlay({ close }: { readonly close: () => void }) {
  const groups = [...Map.groupBy(keysInForce(), ({ group }) => group)];
  return (
    <Dialog title="Keys" close={close}>
      <div className="help">
        {groups.map(([group, keys]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {keys.map(({ keys: pressed, says }) => (
                <div key={pressed}>
                  <dt>
                    <Key keys={pressed} />
                  </dt>
                  <dd>{says}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <form method="dialog">
        <button type="submit" data-autofocus>
          Close
        </button>
      </form>
    </Dialog>
  );
}
