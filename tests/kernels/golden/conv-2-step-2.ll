define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v5 = icmp sgt i64 %pairs, 0
  br i1 %v5, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  call void @llvm.codeview.annotation(metadata !0)
  %v6 = getelementptr float, ptr %wp, i64 0
  %v7 = load float, ptr %v6, align 4
  %v8 = insertelement <4 x float> poison, float %v7, i64 0
  %v9 = shufflevector <4 x float> %v8, <4 x float> poison, <4 x i32> zeroinitializer
  %v10 = getelementptr float, ptr %xp, i64 0
  %v11 = load <4 x float>, ptr %v10, align 4
  %v12 = getelementptr float, ptr %xp, i64 4
  %v13 = load <4 x float>, ptr %v12, align 4
  %v14 = shufflevector <4 x float> %v11, <4 x float> %v13, <4 x i32> <i32 0, i32 2, i32 4, i32 6>
  %v15 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v14, <4 x float> %v9, <4 x float> %a0_0_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v16 = getelementptr float, ptr %wp, i64 1
  %v17 = load float, ptr %v16, align 4
  %v18 = insertelement <4 x float> poison, float %v17, i64 0
  %v19 = shufflevector <4 x float> %v18, <4 x float> poison, <4 x i32> zeroinitializer
  %v20 = getelementptr float, ptr %xp, i64 1
  %v21 = load <4 x float>, ptr %v20, align 4
  %v22 = getelementptr float, ptr %xp, i64 5
  %v23 = load <4 x float>, ptr %v22, align 4
  %v24 = shufflevector <4 x float> %v21, <4 x float> %v23, <4 x i32> <i32 0, i32 2, i32 4, i32 6>
  %v25 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v24, <4 x float> %v19, <4 x float> %v15)
  %a0_0_0.next = bitcast <4 x float> %v25 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 2
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v26 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v27 = mul i64 %y_channel, 0
  %v28 = getelementptr float, ptr %y, i64 %v27
  %v29 = icmp sle i64 %low, 0
  %v30 = icmp sge i64 %high, 4
  %v31 = and i1 %v29, %v30
  br i1 %v31, label %plain, label %masked
plain:
  %v32 = getelementptr float, ptr %v28, i64 0
  store <4 x float> %v26, ptr %v32, align 4
  br label %end
masked:
  %v33 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v34 = shufflevector <4 x i64> %v33, <4 x i64> poison, <4 x i32> zeroinitializer
  %v35 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v34
  %v36 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v37 = shufflevector <4 x i64> %v36, <4 x i64> poison, <4 x i32> zeroinitializer
  %v38 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v37
  %v39 = and <4 x i1> %v35, %v38
  %v40 = getelementptr float, ptr %v28, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v26, ptr %v40, i32 4, <4 x i1> %v39)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
!0 = !{!""}
