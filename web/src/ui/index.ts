/** The building blocks of every screen; `/gallery` shows them. */
export { Badge, StatusBadge, Tag, type Tone } from "./Badge";
export { Button, ButtonAnchor, ButtonLink, type ButtonProps, IconButton } from "./Button";
export { Dialog, Drawer } from "./Dialog";
export { Chart, type ChartProps, type ChartSeries } from "./data/Chart";
export { type DiffRow, DiffTable } from "./data/DiffTable";
export { Stat } from "./data/Stat";
export { Moment, Timeline, type TimelineEntry } from "./data/Timeline";
export { EmptyState, NoMatch } from "./EmptyState";
export { ErrorPanel, useProblemText } from "./ErrorPanel";
export { Combobox, ComboboxInput, type Option } from "./form/Combobox";
export { FileDrop } from "./form/FileDrop";
export { Form } from "./form/Form";
export {
  CheckboxInput,
  type Choice,
  type FieldProps,
  PasswordInput,
  SelectInput,
  SwitchInput,
  TextAreaInput,
  TextInput,
  useField,
} from "./form/fields";
export { DecimalInput, MoneyInput, QuantityInput } from "./form/numbers";
export { type FieldSpec, SchemaForm } from "./form/SchemaForm";
export { type ApiForm, useApiForm } from "./form/useApiForm";
export { DataGrid, type DataGridProps, type GridColumn, type Selection } from "./grid/DataGrid";
export { gridSearch, useGridState } from "./grid/search";
export { FilterMenu, GridToolbar, SearchField, SelectionBar } from "./grid/Toolbar";
export { type List, type ListItem, type ListPath, type ListState, useList } from "./grid/useList";
export { Icon, type IconName } from "./icons";
export { Menu, type MenuAction, type MenuSection } from "./Menu";
export { type Crumb, Page, type PageTab, Section } from "./Page";
export { Skeleton, SkeletonText } from "./Skeleton";
export { Tooltip } from "./Tooltip";
export { type Notice, toast } from "./toast";
export { useMedia } from "./useMedia";
