import { Route, Switch } from 'wouter';
import { CalendarView } from '../calendar/CalendarView.tsx';
import { ChangesView } from '../changes/ChangesView.tsx';
import { ChangeView } from '../changes/ChangeView.tsx';
import { TargetsView } from '../fleet/TargetsView.tsx';
import { TargetView } from '../fleet/TargetView.tsx';
import { LogView } from '../log/LogView.tsx';
import { OverviewView } from '../overview/OverviewView.tsx';
import { Empty } from '../parts/Empty.tsx';
import { PlanView } from '../plan/PlanView.tsx';
import { RolloutsView } from '../rollout/RolloutsView.tsx';
import { RolloutView } from '../rollout/RolloutView.tsx';
import { ServicesView } from '../services/ServicesView.tsx';
import { ServiceView } from '../services/ServiceView.tsx';
import { SettingsView } from '../settings/SettingsView.tsx';

/** The view that the address names. */
export function Views() {
  return (
    <Switch>
      <Route path="/" component={OverviewView} />
      <Route path="/rollouts" component={RolloutsView} />
      <Route path="/rollouts/:id">{({ id }) => <RolloutView id={decodeURIComponent(id)} key={id} />}</Route>
      <Route path="/plan" component={PlanView} />
      <Route path="/changes" component={ChangesView} />
      <Route path="/changes/:digest">
        {({ digest }) => <ChangeView digest={decodeURIComponent(digest)} key={digest} />}
      </Route>
      <Route path="/services" component={ServicesView} />
      <Route path="/services/:name">{({ name }) => <ServiceView name={decodeURIComponent(name)} key={name} />}</Route>
      <Route path="/targets" component={TargetsView} />
      <Route path="/targets/:uid">{({ uid }) => <TargetView uid={uid} key={uid} />}</Route>
      <Route path="/calendar" component={CalendarView} />
      <Route path="/log" component={LogView} />
      <Route path="/settings" component={SettingsView} />
      <Route>
        <h1>Nothing here</h1>
        <Empty says="There is no view at this address.">The views are in the navigation; press ? for the keys.</Empty>
      </Route>
    </Switch>
  );
}
