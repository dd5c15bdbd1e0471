#include "abi/python/src/objects.h"

#include "abi/python/src/functions.h"
#include "abi/python/src/values.h"

namespace kiln::python {
namespace {

void Deallocate(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  if (PyType_IS_GC(type)) PyObject_GC_UnTrack(self);
  ReleaseHandle(AsObject(self)->handle);
  type->tp_free(self);
  Py_DECREF(type);
}

int32_t IndexOf(PyObject* self) {
  return static_cast<TVMFFIObject*>(AsObject(self)->handle)->type_index;
}

PyObject* Text(const TVMFFIByteArray& bytes) {
  return PyUnicode_DecodeUTF8(bytes.data, static_cast<Py_ssize_t>(bytes.size), "replace");
}

PyObject* TypeKey(PyObject* self, void*) {
  if (AsObject(self)->handle == nullptr) Py_RETURN_NONE;
  return Text(TVMFFIGetTypeInfo(IndexOf(self))->type_key);
}

PyObject* Address(PyObject* self, void*) { return PyLong_FromVoidPtr(AsObject(self)->handle); }

// Instances are made of objects, by WrapObject; classes with a constructor have a __new__ of their
// own.
PyObject* New(PyTypeObject* type, PyObject*, PyObject*) {
  return PyErr_Format(PyExc_TypeError, "%s has no constructor: functions make such objects",
                      type->tp_name);
}

PyObject* Represent(PyObject* self) {
  const PyRef key(TypeKey(self, nullptr));
  return key ? PyUnicode_FromFormat("<kiln.Object: %S at %p>", key.get(), AsObject(self)->handle)
             : nullptr;
}

PyObject* Compare(PyObject* self, PyObject* other, int operation) {
  if (!IsObject(other) || (operation != Py_EQ && operation != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  const bool same = AsObject(self)->handle == AsObject(other)->handle;
  return PyBool_FromLong(same == (operation == Py_EQ));
}

Py_hash_t Hash(PyObject* self) {
  const auto bits = reinterpret_cast<uintptr_t>(AsObject(self)->handle);
  const auto hash = static_cast<Py_hash_t>(bits >> 4);
  return hash == -1 ? -2 : hash;
}

PyGetSetDef fields[] = {{"type_key", &TypeKey, nullptr,
                         "The ABI's name of the object's type: 'ffi.Function'.", nullptr},
                        {"_address", &Address, nullptr, nullptr, nullptr},
                        {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("An object of the ABI. Two are equal where they are one.")},
    {Py_tp_new, reinterpret_cast<void*>(&New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&Deallocate)},
    {Py_tp_getset, fields},
    {Py_tp_repr, reinterpret_cast<void*>(&Represent)},
    {Py_tp_richcompare, reinterpret_cast<void*>(&Compare)},
    {Py_tp_hash, reinterpret_cast<void*>(&Hash)},
    {0, nullptr}};
PyType_Spec spec = {"kiln.Object", sizeof(ObjectPy), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                    slots};

// The class that is registered for a type; null, without an error, where none is.
PyObject* KnownClass(int32_t index) {
  const PyRef number(PyLong_FromLong(index));
  return number ? PyDict_GetItemWithError(core.classes, number.get()) : nullptr;
}

bool SetClass(int32_t index, PyObject* type) {
  const PyRef number(PyLong_FromLong(index));
  return number && PyDict_SetItem(core.classes, number.get(), type) == 0;
}

// The class for objects of a type: the one that is registered, or one that the Python part makes of
// what reflection tells. Borrowed, from the table of classes; null with a Python error set.
PyObject* ClassOf(int32_t index) {
  if (PyObject* const known = KnownClass(index)) return known;
  if (PyErr_Occurred() != nullptr) return nullptr;
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
  PyRef made;
  if (core.class_of != nullptr) {
    const PyRef key(Text(info->type_key));
    if (key) made = PyRef(PyObject_CallOneArg(core.class_of, key.get()));
    if (!made) return nullptr;
  }
  PyObject* type = made.get();
  if (type == nullptr || !PyType_Check(type)) {
    type = reinterpret_cast<PyObject*>(core.object_type);
  }
  if (!SetClass(index, type)) return nullptr;
  return KnownClass(index);
}

// The field that (object, type index, field index) means, with the address of its value; null with
// a Python error set.
const TVMFFIFieldInfo* FieldOf(PyObject* object, int type_index, int field_index, void** address) {
  const TVMFFITypeInfo* wanted = TVMFFIGetTypeInfo(type_index);
  if (!IsObject(object) || AsObject(object)->handle == nullptr || wanted == nullptr ||
      field_index < 0 || field_index >= wanted->num_fields) {
    PyErr_Format(PyExc_TypeError, "a %s has no such field", Py_TYPE(object)->tp_name);
    return nullptr;
  }
  const TVMFFITypeInfo* own = TVMFFIGetTypeInfo(IndexOf(object));
  const bool is_instance = own == wanted || (wanted->type_depth < own->type_depth &&
                                             own->type_ancestors[wanted->type_depth] == wanted);
  if (!is_instance) {
    PyErr_Format(PyExc_TypeError, "a %s has no such field", Py_TYPE(object)->tp_name);
    return nullptr;
  }
  const TVMFFIFieldInfo* field = &wanted->fields[field_index];
  *address = static_cast<char*>(AsObject(object)->handle) + field->offset;
  return field;
}

PyObject* FieldsOf(const TVMFFITypeInfo& info) {
  PyRef fields(PyList_New(0));
  for (int32_t i = 0; fields && i < info.num_fields; ++i) {
    const TVMFFIFieldInfo& field = info.fields[i];
    const PyRef name(Text(field.name)), doc(Text(field.doc)), metadata(Text(field.metadata));
    if (!name || !doc || !metadata) return nullptr;
    const PyRef entry(Py_BuildValue("(OOOL)", name.get(), doc.get(), metadata.get(),
                                    static_cast<long long>(field.flags)));
    if (!entry || PyList_Append(fields.get(), entry.get()) != 0) return nullptr;
  }
  return fields.release();
}

PyObject* MethodsOf(const TVMFFITypeInfo& info) {
  PyRef methods(PyList_New(0));
  for (int32_t i = 0; methods && i < info.num_methods; ++i) {
    const TVMFFIMethodInfo& method = info.methods[i];
    TVMFFIAny owned{};
    if (TVMFFIAnyViewToOwnedAny(&method.method, &owned) != 0) return RaiseInPython();
    const PyRef function(ToPython(owned));
    const PyRef name(Text(method.name)), doc(Text(method.doc)), metadata(Text(method.metadata));
    if (!function || !name || !doc || !metadata) return nullptr;
    const PyRef entry(Py_BuildValue("(OOOLO)", name.get(), doc.get(), metadata.get(),
                                    static_cast<long long>(method.flags), function.get()));
    if (!entry || PyList_Append(methods.get(), entry.get()) != 0) return nullptr;
  }
  return methods.release();
}

}  // namespace

void ReleaseHandle(TVMFFIObjectHandle handle) {
  if (handle == nullptr) return;
  // Functions and modules keep code in memory that threads and destructors may still need when
  // Python has ended.
  const int32_t type_index = static_cast<TVMFFIObject*>(handle)->type_index;
  if (core.has_ended && (type_index == kTVMFFIFunction || type_index == kTVMFFIModule)) return;
  TVMFFIObjectDecRef(handle);
}

bool AddObjectType(PyObject* module) {
  core.object_type = AddType(module, "Object", &spec, nullptr);
  return core.object_type != nullptr &&
         SetClass(kTVMFFIObject, reinterpret_cast<PyObject*>(core.object_type));
}

PyObject* WrapObject(TVMFFIObjectHandle owned) {
  const int32_t index = static_cast<TVMFFIObject*>(owned)->type_index;
  PyTypeObject* type = nullptr;
  if (index == kTVMFFIFunction) {
    type = core.function_type;
  } else if (index == kTVMFFITensor) {
    type = core.tensor_type;
  } else {
    type = reinterpret_cast<PyTypeObject*>(ClassOf(index));
  }
  PyObject* const self = type == nullptr ? nullptr : type->tp_alloc(type, 0);
  if (self == nullptr) {
    TVMFFIObjectDecRef(owned);
    return nullptr;
  }
  AsObject(self)->handle = owned;
  if (index == kTVMFFIFunction) SetCall(self);
  return self;
}

PyObject* RegisterClass(PyObject*, PyObject* args) {
  PyObject* key = nullptr;
  PyObject* type = nullptr;
  if (PyArg_ParseTuple(args, "UO!", &key, &PyType_Type, &type) == 0) return nullptr;
  if (PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type), core.object_type) == 0) {
    return PyErr_Format(PyExc_TypeError, "a class of objects derives from kiln.Object, %R does not",
                        type);
  }
  const TVMFFIByteArray bytes = BytesOf(key);
  int32_t index = 0;
  if (TVMFFITypeKeyToIndex(&bytes, &index) != 0) return RaiseInPython();
  if (!SetClass(index, type)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* RegisteredClass(PyObject*, PyObject* key) {
  if (!PyUnicode_Check(key)) return PyErr_Format(PyExc_TypeError, "a type key must be a str");
  const TVMFFIByteArray bytes = BytesOf(key);
  int32_t index = 0;
  PyObject* found = nullptr;
  if (TVMFFITypeKeyToIndex(&bytes, &index) == 0) found = KnownClass(index);
  TVMFFIErrorSetRaised(nullptr);
  if (found == nullptr && PyErr_Occurred() != nullptr) return nullptr;
  return Py_NewRef(found == nullptr ? Py_None : found);
}

PyObject* TypeInfo(PyObject*, PyObject* key) {
  if (!PyUnicode_Check(key)) return PyErr_Format(PyExc_TypeError, "a type key must be a str");
  const TVMFFIByteArray bytes = BytesOf(key);
  int32_t index = 0;
  if (TVMFFITypeKeyToIndex(&bytes, &index) != 0) {
    TVMFFIErrorSetRaised(nullptr);
    Py_RETURN_NONE;
  }
  const TVMFFITypeInfo& info = *TVMFFIGetTypeInfo(index);
  PyRef parent = PyRef::Share(Py_None);
  if (info.type_depth > 0) parent = PyRef(Text(info.type_ancestors[info.type_depth - 1]->type_key));
  const TVMFFIByteArray none{"", 0};
  const PyRef doc(Text(info.metadata == nullptr ? none : info.metadata->doc));
  const PyRef fields(FieldsOf(info)), methods(MethodsOf(info));
  if (!parent || !doc || !fields || !methods) return nullptr;
  return Py_BuildValue("{sisOsOsOsO}", "index", index, "parent", parent.get(), "doc", doc.get(),
                       "fields", fields.get(), "methods", methods.get());
}

PyObject* GetField(PyObject*, PyObject* args) {
  PyObject* object = nullptr;
  int type_index = 0;
  int field_index = 0;
  void* address = nullptr;
  if (PyArg_ParseTuple(args, "Oii", &object, &type_index, &field_index) == 0) return nullptr;
  const TVMFFIFieldInfo* field = FieldOf(object, type_index, field_index, &address);
  if (field == nullptr) return nullptr;
  TVMFFIAny value{};
  if (field->getter(address, &value) != 0) return RaiseInPython();
  return ToPython(value);
}

PyObject* SetField(PyObject*, PyObject* args) {
  PyObject* object = nullptr;
  PyObject* value = nullptr;
  int type_index = 0;
  int field_index = 0;
  void* address = nullptr;
  if (PyArg_ParseTuple(args, "OiiO", &object, &type_index, &field_index, &value) == 0) {
    return nullptr;
  }
  const TVMFFIFieldInfo* field = FieldOf(object, type_index, field_index, &address);
  if (field == nullptr) return nullptr;
  CallFrame frame(/*lends_arrays=*/false);
  TVMFFIAny packed[2] = {};
  if (!frame.Pack(value, &packed[1])) return nullptr;
  int status = 0;
  if ((field->flags & kTVMFFIFieldFlagBitSetterIsFunctionObj) != 0) {
    packed[0].type_index = kTVMFFIOpaquePtr;
    packed[0].v_ptr = address;
    TVMFFIAny result{};
    status = TVMFFIFunctionCall(field->setter, packed, 2, &result);
  } else {
    status = reinterpret_cast<TVMFFIFieldSetter>(field->setter)(address, &packed[1]);
  }
  if (status != 0) return RaiseInPython();
  Py_RETURN_NONE;
}

PyObject* Adopt(PyObject*, PyObject* args) {
  PyTypeObject* type = nullptr;
  PyObject* object = nullptr;
  if (PyArg_ParseTuple(args, "O!O!", &PyType_Type, &type, core.object_type, &object) == 0) {
    return nullptr;
  }
  if (Py_TYPE(object) == type || PyType_IsSubtype(type, core.object_type) == 0 ||
      PyType_IsSubtype(type, core.function_type) != 0) {
    return Py_NewRef(object);
  }
  PyObject* const self = type->tp_alloc(type, 0);
  if (self == nullptr) return nullptr;
  TVMFFIObjectIncRef(AsObject(object)->handle);
  AsObject(self)->handle = AsObject(object)->handle;
  return self;
}

}  // namespace kiln::python
